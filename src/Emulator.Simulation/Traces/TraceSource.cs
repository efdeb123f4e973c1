using Emulator.Core;
using Emulator.Simulation.Workloads;

namespace Emulator.Simulation.Traces;

/// <summary>The requests of a trace, in its order. One that is older than the one before it arrives together with that.</summary>
internal sealed class TraceSource : RequestSource
{
    private readonly LineReader _lines;
    private readonly TraceFormat _format;
    private readonly string _file;
    private readonly long _namespaceBytes;
    private readonly int _blockBytes;
    private readonly bool _wrap;
    private long _begin = -1;
    private long _last;
    private Request _held;
    private bool _isHolding;

    public TraceSource(
        Func<LineReader> open, TraceFormat format, string file, WorkloadTarget target, bool wrap, long? count = null)
    {
        _lines = open();
        _format = format;
        _file = file;
        _namespaceBytes = target.NamespaceBytes;
        _blockBytes = target.BlockBytes;
        _wrap = wrap;
        Count = count;
    }

    public override bool IsOpenLoop => true;

    public override long? Count { get; }

    /// <exception cref="WorkloadException">A line is wrong; the message names it.</exception>
    public override bool TryNext(out Request request)
    {
        if (_isHolding)
        {
            request = _held;
            _isHolding = false;
            return true;
        }

        try
        {
            return TryReadRequest(out request);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            throw WorkloadException.At(_file, _lines.Number, e.Message);
        }
    }

    public override void Dispose()
    {
        _lines.Dispose();
        base.Dispose();
    }

    private bool TryReadRequest(out Request request)
    {
        request = default;
        while (_lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (line.Trim(" \t"u8).IsEmpty)
                continue;
            TraceLine what = _format.Read(line, out TraceRecord record);
            if (what == TraceLine.End)
                return false;
            if (what == TraceLine.Other)
                continue;

            request = Place(record);
            if (!record.FlushBefore)
                return true;
            _held = request;
            _isHolding = true;
            request = new Request { Arrival = request.Arrival, Kind = RequestKind.Flush };
            return true;
        }

        return false;
    }

    /// <summary>The request in the namespace, in whole blocks: all that hold any of its bytes.</summary>
    private Request Place(in TraceRecord record)
    {
        if (_begin < 0)
            _begin = _last = record.Nanoseconds;
        _last = Math.Max(_last, record.Nanoseconds);
        var request = new Request
        {
            Arrival = new SimDuration(_last - _begin),
            Kind = record.Kind,
            ForceUnitAccess = record.ForceUnitAccess,
        };
        if (record.Kind == RequestKind.Flush)
            return request;

        long offset = record.Offset;
        long length = record.Length;
        if (offset > _namespaceBytes - length)
        {
            if (!_wrap)
            {
                throw new FormatException(
                    $"{length} bytes at {offset} reach beyond the {_namespaceBytes} bytes of the drive; --wrap takes them modulo its size");
            }

            offset %= _namespaceBytes;
            length = Math.Min(length, _namespaceBytes - offset);
        }

        request.Offset = offset / _blockBytes * _blockBytes;
        long end = Math.Min(_namespaceBytes, (offset + length + _blockBytes - 1) / _blockBytes * _blockBytes);
        request.Length = end - request.Offset;
        return request;
    }
}
