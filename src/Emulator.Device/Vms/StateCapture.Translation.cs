using System.Runtime.InteropServices;
using Emulator.Cache;
using Emulator.Ftl;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Section 4, translation: what another drive can make use of of where data is and how it came there.</summary>
internal sealed partial class StateCapture
{
    private void WriteTranslation()
    {
        _writer.BeginSection(StateSectionType.Translation);
        _writer.Attribute(TranslationAttribute.CacheSettings, 0, CacheSettings);
        var set = new StateSetWriter(_writer);
        foreach (Namespace ns in _namespaces)
            WriteSet(set, TranslationAttribute.Allocated, ns, ns.Allocated(Extents(ns)));
        foreach ((Namespace ns, SortedSet<ulong> pages) in _drive.CachedPages(_namespaces))
            WriteSet(set, TranslationAttribute.Cached, ns, pages.Where(page => IsOwn(ns, page)).Select(page => (page, 1ul)));
        foreach (Namespace ns in _namespaces)
            WriteSet(set, TranslationAttribute.Marked, ns, ns.Marked(Extents(ns)));
        if (_drive.Translation is { HasHeat: true } && _target.Bound == null)
        {
            foreach (Namespace ns in _namespaces)
                WriteHeat(ns, _drive.Translation);
        }

        if (_drive.Translation is { HasStreams: true })
        {
            foreach (Namespace ns in _namespaces)
                WritePlacement(ns);
        }

        _writer.EndSection();
    }

    private CacheSettingsState CacheSettings
    {
        get
        {
            CacheOptions cache = _drive.Options.Cache;
            return new CacheSettingsState
            {
                CacheBytes = (ulong)cache.Lines * Flash.FlashGeometry.PageBytes,
                Mode = (byte)cache.Mode,
                Policy = (byte)cache.Policy,
                Flags = (byte)((cache.IsVolatile ? 1 : 0)
                    | (cache.Prefetch ? 2 : 0)
                    | (_drive.Options.Ftl.SeparatesHotAndCold ? 4 : 0)),
                MaxStreams = (uint)_drive.Streams.Limit,
            };
        }
    }

    /// <summary>Runs of pages that are the VM's: all of them, or of one that shares its controller what it wrote.</summary>
    private IEnumerable<(ulong First, ulong End)> Extents(Namespace ns) =>
        _target.Bound == null ? [(0, ns.PageCount)] : ns.WrittenPages(_target.Vm);

    private bool IsOwn(Namespace ns, ulong page) =>
        _target.Bound == null || ns.WrittenPages(_target.Vm).Any(run => page >= run.First && page < run.End);

    private static void WriteSet(
        StateSetWriter set, TranslationAttribute type, Namespace ns, IEnumerable<(ulong First, ulong Count)> runs)
    {
        set.Begin((ushort)type, ns.Nsid);
        foreach ((ulong first, ulong count) in runs)
            set.Add(first, count);
        set.End();
    }

    /// <summary>A byte for each region; zeroes at the end are left out, and so is a part that is cold.</summary>
    private void WriteHeat(Namespace ns, FlashTranslationLayer translation)
    {
        const ulong step = FlashTranslationLayer.PagesPerHeat;
        byte[] heat = new byte[StateSetWriter.PartUnits / step];
        for (ulong start = 0; start < ns.PageCount; start += StateSetWriter.PartUnits)
        {
            int used = 0;
            ulong end = Math.Min(ns.PageCount, start + StateSetWriter.PartUnits);
            for (ulong page = start; page < end; page += step)
            {
                int region = (int)((page - start) / step);
                heat[region] = translation.HeatOf(ns.Map.At(page));
                used = heat[region] != 0 ? region + 1 : used;
            }

            if (used > 0)
                _writer.Attribute((ushort)TranslationAttribute.Heat, PartKey(ns, start), heat.AsSpan(0, used));
        }
    }

    private void WritePlacement(Namespace ns)
    {
        var runs = new List<PlacementRun>();
        ulong part = 0;
        foreach ((ulong first, ulong count) in ns.Allocated(Extents(ns)))
        {
            for (ulong page = first; page < first + count; page++)
            {
                if (page >> StateSetHeader.PartShift != part)
                    EndPart();
                part = page >> StateSetHeader.PartShift;
                AddPlacement(runs, (uint)(page & (StateSetWriter.PartUnits - 1)), StreamOf(ns, page));
            }
        }

        EndPart();

        void EndPart()
        {
            if (runs.Count > 0)
            {
                _writer.Attribute(
                    (ushort)TranslationAttribute.Placement,
                    PartKey(ns, part << StateSetHeader.PartShift),
                    MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(runs)));
            }

            runs.Clear();
        }
    }

    private static void AddPlacement(List<PlacementRun> runs, uint page, uint stream)
    {
        if (stream == 0)
            return;
        if (runs.Count > 0 && runs[^1].Stream == stream && runs[^1].First + runs[^1].Count == page)
            CollectionsMarshal.AsSpan(runs)[^1].Count = runs[^1].Count + 1;
        else
            runs.Add(new PlacementRun { First = page, Count = 1, Stream = stream });
    }

    /// <summary>As in the attribute; 0 for what hosts write without a stream, or by one that is not open any more.</summary>
    private uint StreamOf(Namespace ns, ulong page)
    {
        Ftl.LogicalPage logical = ns.Map.At(page);
        WriteStream stream = _drive.Pages.StreamOf(logical) ?? _drive.Translation!.StreamOf(logical);
        return stream == WriteStream.Host ? 0
            : stream == WriteStream.HostCold ? PlacementRun.Cold
            : _drive.Streams.IdentifierOf(stream, _target.Host.HostId, ns.Nsid);
    }

    private static ulong PartKey(Namespace ns, ulong page) =>
        StateAttributeId.KeyOf(ns.Nsid, (uint)(page >> StateSetHeader.PartShift));
}
