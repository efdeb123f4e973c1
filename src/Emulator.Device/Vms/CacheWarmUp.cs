using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Reads into the cache what it held on the drive that a VM came from, a little at a time, so that the VM's first commands do
/// not wait behind it. What a write or a detach overtakes is left out.
/// </summary>
internal sealed class CacheWarmUp
{
    private const int PagesAtATime = 64;
    private const int StepMicroseconds = 500;

    private readonly Queue<(Namespace Ns, ulong First, ulong Count)> _runs = [];

    /// <summary>When <see cref="Advance"/> wants to be called.</summary>
    public SimTime Due { get; private set; } = SimTime.Never;

    /// <summary>Adds what a storage state says was in the cache.</summary>
    public void Begin(SimTime now, IEnumerable<Namespace> namespaces, StateImage image)
    {
        Namespace[] known = [.. namespaces];
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in
            image.AllOf(StateSectionType.Translation, (ushort)TranslationAttribute.Cached))
        {
            if (Array.Find(known, ns => ns.Nsid == id.Nsid) is not { } ns)
                continue;
            for (var reader = new StateSetReader(value.Span, id.Part); reader.TryNext(out ulong first, out ulong count);)
                _runs.Enqueue((ns, first, count));
        }

        Due = _runs.Count > 0 ? now : SimTime.Never;
    }

    public void Forget(Namespace gone)
    {
        (Namespace Ns, ulong First, ulong Count)[] left = [.. _runs.Where(run => run.Ns != gone)];
        _runs.Clear();
        foreach ((Namespace Ns, ulong First, ulong Count) run in left)
            _runs.Enqueue(run);
    }

    public void Advance(SimTime now)
    {
        if (now < Due)
            return;
        int room = PagesAtATime;
        while (room > 0 && _runs.TryDequeue(out (Namespace Ns, ulong First, ulong Count) run))
        {
            int count = (int)Math.Min(run.Count, (uint)room);
            run.Ns.Prefetch(now, run.First, count, default);
            room -= count;
            if (run.Count > (uint)count)
            {
                _runs.Enqueue((run.Ns, run.First + (uint)count, run.Count - (uint)count));
                break;
            }
        }

        Due = _runs.Count > 0 ? now + SimDuration.FromMicroseconds(StepMicroseconds) : SimTime.Never;
    }
}
