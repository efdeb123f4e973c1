using System.Runtime.InteropServices;
using Emulator.Ftl;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Section 4, translation. Where data is follows from the data that comes; what is allocated there tells the manager what to
/// copy and is not applied here.
/// </summary>
internal sealed partial class StateRestore
{
    private Status TranslationProblem()
    {
        if ((_image.Sections & StateSections.Translation) == 0)
            return Status.Success;
        int markedRuns = 0;
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> memory) in _image.Attributes)
        {
            if (id.Section != StateSectionType.Translation)
                continue;
            Status status = AttributeProblem((TranslationAttribute)id.Type, id, memory.Span);
            if (!status.IsSuccess)
                return status;
            if (id.Type == (ushort)TranslationAttribute.Marked)
                markedRuns += RunsIn(memory.Span, id.Part);
        }

        return _drive.HasRoomForMarkedRuns(markedRuns) ? Status.Success : Status.LimitReached;
    }

    private Status AttributeProblem(TranslationAttribute type, StateAttributeId id, ReadOnlySpan<byte> value)
    {
        switch (type)
        {
            case TranslationAttribute.CacheSettings:
                return LengthProblem(value.Length == CacheSettingsState.Size);
            case TranslationAttribute.Allocated or TranslationAttribute.Cached:
                return Find(id.Nsid) is { } ns
                    ? LengthProblem(StateSetReader.Problem(value, id.Part, ns.PageCount) == null)
                    : Status.StorageStateIncompatible;
            case TranslationAttribute.Marked:
                return Find(id.Nsid) is { } marked
                    ? LengthProblem(StateSetReader.Problem(value, id.Part, marked.BlockCount) == null)
                    : Status.StorageStateIncompatible;
            case TranslationAttribute.Heat:
                return Find(id.Nsid) is { } heated
                    ? LengthProblem((ulong)value.Length <= RegionsOf(heated, id.Part))
                    : Status.StorageStateIncompatible;
            case TranslationAttribute.Placement:
                return Find(id.Nsid) is { } placed
                    ? LengthProblem(IsPlacementPossible(value, PagesOf(placed, id.Part)))
                    : Status.StorageStateIncompatible;
            default:
                return Status.Success;
        }
    }

    private void ApplyTranslation()
    {
        if ((_image.Sections & StateSections.Translation) == 0)
            return;
        foreach (Namespace ns in _drive.NamespacesOf(_target.Vm))
            ApplyMarks(ns);
        ApplyPlacement();
        if (_drive.Translation is not { HasHeat: true } translation)
            return;
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in AllOf(TranslationAttribute.Heat))
            ApplyHeat(translation, Find(id.Nsid)!, id.Part, value.Span);
    }

    /// <summary>What is marked there is marked here. Of a VM that shares its controller no mark is taken away: it may be another's.</summary>
    private void ApplyMarks(Namespace ns)
    {
        var runs = new List<BlockRange>();
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in AllOf(TranslationAttribute.Marked))
        {
            var reader = new StateSetReader(value.Span, id.Part);
            while (id.Nsid == ns.Nsid && reader.TryNext(out ulong first, out ulong count))
                runs.Add(new BlockRange(first, count));
        }

        ns.TakeOverMarks(runs, keepsOthers: _target.Bound != null);
    }

    private static void ApplyHeat(FlashTranslationLayer translation, Namespace ns, uint part, ReadOnlySpan<byte> heat)
    {
        ulong page = (ulong)part << StateSetHeader.PartShift;
        foreach (byte region in heat)
        {
            translation.SetHeat(ns.Map.At(page), region);
            page += FlashTranslationLayer.PagesPerHeat;
        }
    }

    /// <summary>What a manager writes there goes to the streams that the VM wrote it by.</summary>
    private void ApplyPlacement()
    {
        foreach (Namespace ns in _drive.NamespacesOf(_target.Vm))
        {
            var placement = new StreamPlacement(_target.Host.HostId);
            foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in AllOf(TranslationAttribute.Placement))
            {
                if (id.Nsid == ns.Nsid)
                    placement.Add(id.Part, MemoryMarshal.Cast<byte, PlacementRun>(value.Span));
            }

            ns.Placement = placement.IsEmpty ? null : placement;
        }
    }

    private static int RunsIn(ReadOnlySpan<byte> set, uint part)
    {
        int runs = 0;
        for (var reader = new StateSetReader(set, part); reader.TryNext(out _, out _);)
            runs++;
        return runs;
    }

    /// <summary>Pages of a part of a namespace, 0 for one that it does not have.</summary>
    private static ulong PagesOf(Namespace ns, uint part)
    {
        ulong start = (ulong)part << StateSetHeader.PartShift;
        return start >= ns.PageCount ? 0 : Math.Min(ns.PageCount - start, StateSetWriter.PartUnits);
    }

    private static ulong RegionsOf(Namespace ns, uint part) =>
        (PagesOf(ns, part) + FlashTranslationLayer.PagesPerHeat - 1) / FlashTranslationLayer.PagesPerHeat;

    private static bool IsPlacementPossible(ReadOnlySpan<byte> value, ulong pages)
    {
        if (value.Length % PlacementRun.Size != 0)
            return false;
        ulong behind = 0;
        foreach (PlacementRun run in MemoryMarshal.Cast<byte, PlacementRun>(value))
        {
            if (run.Count == 0 || run.First < behind || run.First >= pages || run.Count > pages - run.First
                || run.Stream == 0 || run.Stream > PlacementRun.Cold)
                return false;
            behind = (ulong)run.First + run.Count;
        }

        return true;
    }
}
