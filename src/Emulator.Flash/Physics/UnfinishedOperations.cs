using System.Runtime.InteropServices;
using Emulator.Core;

namespace Emulator.Flash.Physics;

/// <summary>
/// Programs and erases that were asked for and may not be done yet, for the moment in which the power goes: what had
/// not begun by then never happens, and what is under way leaves garbage. The medium shows the outcome of an operation
/// from when it is asked for, so that what an erase removes is kept as long as it may have to come back.
/// </summary>
internal sealed unsafe class UnfinishedOperations(FlashArray flash)
{
    private readonly Medium _medium = flash.Medium;
    private readonly List<Programming> _programs = [];
    private readonly List<Erasure> _erasures = [];
    private int _pruneAt = 256;

    /// <param name="Begins">When the cells begin to change.</param>
    private readonly record struct Programming(uint First, int Count, SimTime Begins, SimTime Done);

    /// <summary>An erase, and what has to come back if it never begins.</summary>
    private sealed record Erasure(int Superblock, SimTime Begins, SimTime Done, SpareArea[] Spares)
    {
        /// <summary>Contents and parity of pages that were programmed anew since.</summary>
        public Dictionary<uint, byte[]> Overwritten { get; } = [];
    }

    /// <summary>A program operation; <see cref="SimTime.Never"/> as its end for one that failed.</summary>
    public void AddProgram(PhysicalPage first, int count, SimTime begins, SimTime done)
    {
        if (done <= flash.Present)
            return;
        Prune();
        _programs.Add(new Programming(first.Value, count, begins, done));
    }

    /// <summary>An erase of a superblock whose spare areas are still there.</summary>
    public void AddErase(int superblock, int programmed, SimTime begins, SimTime done)
    {
        uint first = _medium.Geometry.FirstPageOf(superblock).Value;
        _programs.RemoveAll(program => program.Done == SimTime.Never && IsIn(superblock, program.First));
        if (done <= flash.Present)
            return;
        var spares = new ReadOnlySpan<SpareArea>(_medium.Spare + first, programmed);
        _erasures.Add(new Erasure(superblock, begins, done, spares.ToArray()));
    }

    /// <summary>A page is about to be programmed: what it holds is kept if its erase may never begin.</summary>
    public void BeforeProgram(PhysicalPage page)
    {
        if (_erasures.Count == 0)
            return;
        int superblock = _medium.Geometry.SuperblockOf(page);
        foreach (Erasure erasure in _erasures)
        {
            if (erasure.Superblock == superblock && erasure.Begins > flash.Present)
                erasure.Overwritten.TryAdd(page.Value, Contents(page.Value));
        }
    }

    /// <summary>The power goes.</summary>
    public void PowerCut(SimTime at)
    {
        var random = new SeededRandom((ulong)at.Nanoseconds);
        foreach (Programming program in _programs)
        {
            if (program.Done <= at)
                continue;
            for (uint page = program.First; page < program.First + (uint)program.Count; page++)
                Interrupt(page, isBegun: program.Begins < at, random);
        }

        for (int i = _erasures.Count - 1; i >= 0; i--)
            Interrupt(_erasures[i], at, random);
        _programs.Clear();
        _erasures.Clear();
    }

    private void Interrupt(uint page, bool isBegun, SeededRandom random)
    {
        if (isBegun)
            Tear(page, random);
        else
            _medium.Spare[page] = default;
    }

    private void Interrupt(Erasure erasure, SimTime at, SeededRandom random)
    {
        uint first = _medium.Geometry.FirstPageOf(erasure.Superblock).Value;
        if (erasure.Begins >= at)
        {
            erasure.Spares.CopyTo(new Span<SpareArea>(_medium.Spare + first, erasure.Spares.Length));
            foreach ((uint page, byte[] contents) in erasure.Overwritten)
                PutBack(page, contents);
        }
        else if (erasure.Done > at)
        {
            for (uint page = first; page < first + (uint)erasure.Spares.Length; page++)
                Tear(page, random);
        }
    }

    /// <summary>
    /// A page whose cells were left in between: neither its contents nor its spare area mean anything.
    /// </summary>
    private void Tear(uint page, SeededRandom random)
    {
        random.Fill(DataOf(page));
        random.Fill(MemoryMarshal.AsBytes(new Span<SpareArea>(_medium.Spare + page, 1)));
    }

    private byte[] Contents(uint page) => [.. DataOf(page), .. _medium.ParityOf(page)];

    private void PutBack(uint page, byte[] contents)
    {
        Span<byte> data = DataOf(page);
        contents.AsSpan(0, data.Length).CopyTo(data);
        contents.AsSpan(data.Length).CopyTo(_medium.ParityOf(page));
    }

    private Span<byte> DataOf(uint page) => _medium.Data == null
        ? []
        : new Span<byte>(_medium.Data + ((long)page * FlashGeometry.PageBytes), FlashGeometry.PageBytes);

    private bool IsIn(int superblock, uint page) => _medium.Geometry.SuperblockOf(new PhysicalPage(page)) == superblock;

    /// <summary>Forgets what is done for certain.</summary>
    private void Prune()
    {
        if (_programs.Count < _pruneAt)
            return;
        _programs.RemoveAll(program => program.Done <= flash.Present);
        _erasures.RemoveAll(erasure => erasure.Done <= flash.Present);
        _pruneAt = Math.Max(256, _programs.Count * 2);
    }
}
