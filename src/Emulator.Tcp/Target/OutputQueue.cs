using Emulator.Core;

namespace Emulator.Tcp;

/// <summary>
/// What a connection has to send: runs of header bytes from a ring of its own, and data straight from pooled buffers,
/// which go back to the pool once the socket has taken them. One system call sends all that fits.
/// </summary>
internal sealed unsafe class OutputQueue : IDisposable
{
    private const int MostVectorsPerCall = 256;

    private struct Segment
    {
        public byte* Start;
        public int Length;
        public PooledBuffer Buffer;
    }

    private readonly BufferPool _pool;
    private readonly NativeMemoryBlock _ring;
    private readonly Segment[] _segments;
    private readonly NativeMemoryBlock _vectors;
    private readonly int _ringMask;
    private readonly int _segmentMask;
    private uint _ringHead, _ringTail;
    private uint _segmentHead, _segmentTail;

    /// <param name="pool">Where buffers go back to.</param>
    /// <param name="ringBytes">Room for headers; a power of two.</param>
    /// <param name="segments">Pieces that can wait; a power of two.</param>
    public OutputQueue(BufferPool pool, int ringBytes, int segments)
    {
        _pool = pool;
        _ring = new NativeMemoryBlock(ringBytes);
        _segments = new Segment[segments];
        _vectors = new NativeMemoryBlock(MostVectorsPerCall * sizeof(Libc.IoVector));
        _ringMask = ringBytes - 1;
        _segmentMask = segments - 1;
    }

    public bool IsEmpty => _segmentHead == _segmentTail;

    /// <summary>Bytes of pooled buffers that wait to be sent or to be given back.</summary>
    public long BufferedBytes { get; private set; }

    public int FreeHeaderBytes => _ringMask + 1 - (int)(_ringTail - _ringHead);

    public int FreeSegments => _segmentMask + 1 - (int)(_segmentTail - _segmentHead);

    /// <summary>
    /// Room for a header, in one piece, to be filled in before anything else is called. The caller has seen that there
    /// is room; a header that would go over the end of the ring starts at its beginning.
    /// </summary>
    public Span<byte> AddHeader(int length)
    {
        int offset = (int)_ringTail & _ringMask;
        int skipped = offset + length > _ringMask + 1 ? _ringMask + 1 - offset : 0;
        Check.That(FreeHeaderBytes >= length + skipped && FreeSegments >= 1);
        byte* start = _ring.Pointer + (skipped == 0 ? offset : 0);
        _ringTail += (uint)(length + skipped);

        ref Segment last = ref _segments[(_segmentTail - 1) & _segmentMask];
        if (skipped == 0 && !IsEmpty && last.Buffer.IsNone && last.Start + last.Length == start)
        {
            last.Length += length;
        }
        else
        {
            // Bytes skipped at the end of the ring are given back with the header that skipped them.
            _segments[_segmentTail++ & _segmentMask] = new Segment { Start = start, Length = length };
        }

        return new Span<byte>(start, length);
    }

    /// <summary>Sends part of a buffer after what is queued, and then gives the buffer back.</summary>
    public void AddData(PooledBuffer buffer, int length)
    {
        Check.That(FreeSegments >= 1);
        BufferedBytes += buffer.Bytes;
        _segments[_segmentTail++ & _segmentMask] =
            new Segment { Start = buffer.Memory, Length = length, Buffer = buffer };
    }

    /// <summary>Hands as much as possible to the socket.</summary>
    /// <returns>0, or the error of the system call; EAGAIN when the socket takes no more at the moment.</returns>
    public int Flush(int fd)
    {
        var vectors = (Libc.IoVector*)_vectors.Pointer;
        while (!IsEmpty)
        {
            int count = 0;
            long bytes = 0;
            for (uint i = _segmentHead; i != _segmentTail && count < MostVectorsPerCall; i++)
            {
                ref Segment segment = ref _segments[i & _segmentMask];
                vectors[count++] = new Libc.IoVector { Base = segment.Start, Length = (nuint)segment.Length };
                bytes += segment.Length;
            }

            nint sent = SendVectors(fd, vectors, count);
            if (sent < 0)
                return Libc.LastError;
            Drop(sent);
            if (sent < bytes)
                return Libc.Eagain;
        }

        return 0;
    }

    /// <summary>Forgets everything that was not sent and gives the buffers back.</summary>
    public void Clear()
    {
        for (; _segmentHead != _segmentTail; _segmentHead++)
            Release(ref _segments[_segmentHead & _segmentMask]);
        _ringHead = _ringTail;
    }

    public void Dispose()
    {
        Clear();
        _ring.Dispose();
        _vectors.Dispose();
    }

    private static nint SendVectors(int fd, Libc.IoVector* vectors, int count)
    {
        const int flags = Libc.MsgDontWait | Libc.MsgNoSignal;
        if (count == 1)
            return Libc.Send(fd, vectors->Base, vectors->Length, flags);
        var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = (nuint)count };
        return Libc.SendMessage(fd, &message, flags);
    }

    private void Drop(nint sent)
    {
        while (sent > 0)
        {
            ref Segment segment = ref _segments[_segmentHead & _segmentMask];
            if (sent < segment.Length)
            {
                segment.Start += sent;
                segment.Length -= (int)sent;
                return;
            }

            sent -= segment.Length;
            Release(ref segment);
            _segmentHead++;
        }

        if (IsEmpty)
            _ringHead = _ringTail;
    }

    private void Release(ref Segment segment)
    {
        if (segment.Buffer.IsNone)
        {
            // Headers leave the ring in the order in which they entered it: up to the end of this one is free.
            uint end = (uint)(segment.Start + segment.Length - _ring.Pointer);
            _ringHead += (end - _ringHead) & (uint)_ringMask;
            return;
        }

        _pool.Return(segment.Buffer);
        BufferedBytes -= segment.Buffer.Bytes;
        segment.Buffer = default;
    }
}
