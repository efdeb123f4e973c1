using Emulator.Cache;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.UnitTests.Cache;

/// <summary>
/// Random reads, writes of pages and parts, trims, flushes and power cuts against an array: every read is of what was
/// written last, and after a power cut of something that was written since the last flush, or the flush itself.
/// </summary>
public class PageCacheModelTests
{
    private const int PageBytes = FlashGeometry.PageBytes;
    private const int SectorBytes = 512;
    private const int Pages = 700;

    public static TheoryData<CacheMode, bool, ReplacementPolicyKind, int, ulong> Cases()
    {
        var cases = new TheoryData<CacheMode, bool, ReplacementPolicyKind, int, ulong>();
        ulong seed = 1;
        foreach (CacheMode mode in Enum.GetValues<CacheMode>())
        {
            foreach (ReplacementPolicyKind policy in Enum.GetValues<ReplacementPolicyKind>())
            {
                cases.Add(mode, true, policy, 1, seed++);
                cases.Add(mode, false, policy, 4, seed++);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_page_reads_as_what_may_be_there(
        CacheMode mode, bool isVolatile, ReplacementPolicyKind policy, int programPages, ulong seed)
    {
        using var run = new ModelRun(seed, programPages, new CacheOptions
        {
            SizeBytes = CacheOptions.LeastBytes,
            Mode = mode,
            IsVolatile = isVolatile,
            Policy = policy,
            AccessTime = SimDuration.FromMicroseconds(1),
        });
        for (int step = 0; step < 15_000; step++)
            run.Step();
        run.CheckAll();
    }

    private sealed class ModelRun : IDisposable
    {
        private readonly SeededRandom _random;
        private readonly CacheOptions _options;
        private readonly FakeStore _store;
        private readonly PageCache _cache;
        private readonly byte _owner;

        /// <summary>What a page may read as, oldest first; the last is what it reads as while the power is on.</summary>
        private readonly List<(SimTime Acknowledged, byte[] Data)>[] _allowed;
        private SimTime _now;

        public ModelRun(ulong seed, int programPages, CacheOptions options)
        {
            _random = new SeededRandom(seed);
            _options = options;
            bool takesTime = seed % 3 != 0;
            _store = new FakeStore(Pages, programPages)
            {
                ReadTime = takesTime ? SimDuration.FromMicroseconds(60) : SimDuration.Zero,
                ProgramTime = takesTime ? SimDuration.FromMicroseconds(400) : SimDuration.Zero,
            };
            _cache = new PageCache(_store, options);
            _owner = _cache.AddOwner();
            _allowed = [.. Enumerable.Range(0, Pages).Select(_ => NewPage())];
        }

        public void Step()
        {
            _now += SimDuration.FromMicroseconds(_random.Below(20));
            uint page = (uint)(_random.Chance(50) ? _random.Below(Pages / 8) : _random.Below(Pages));
            switch (_random.Below(1000))
            {
                case < 300:
                    Write(page, 0, PageBytes);
                    break;
                case < 450:
                    int first = _random.Below(PageBytes / SectorBytes);
                    Write(page, first * SectorBytes, (_random.Below((PageBytes / SectorBytes) - first) + 1) * SectorBytes);
                    break;
                case < 800:
                    Read(page);
                    break;
                case < 860:
                    _cache.Prefetch(_now, new LogicalPage(page), RandomHints());
                    break;
                case < 900:
                    Trim(page);
                    break;
                case < 990:
                    _cache.Advance(_now);
                    CheckMapped(page);
                    break;
                case < 995:
                    Flush();
                    break;
                case < 998:
                    Flush(new OneResidue((uint)_random.Below(3)));
                    break;
                default:
                    PowerCut();
                    break;
            }
        }

        public void Dispose() => _cache.Dispose();

        public void CheckAll()
        {
            for (uint page = 0; page < Pages; page++)
                Read(page);
        }

        private void Write(uint page, int offset, int length)
        {
            byte[] data = [.. _allowed[page][^1].Data];
            _random.Fill(data.AsSpan(offset, length));
            CacheHints hints = RandomHints();
            MediumResult result =
                _cache.Write(_now, new LogicalPage(page), WriteStream.Host, offset, data.AsSpan(offset, length), hints);
            Assert.True(result.IsSuccess, Where(page));
            bool isDurable = _options.Mode != CacheMode.WriteBack || hints.Has(CacheHint.Through);
            if (isDurable)
                result = _cache.Persist(_now).And(result);
            _now = SimTime.Max(_now, result.Done);
            bool survives = isDurable || !_options.IsVolatile;
            if (survives)
                _allowed[page].Clear();
            _allowed[page].Add((result.Done, data));
        }

        private void Read(uint page)
        {
            byte[] data = new byte[PageBytes];
            int offset = _random.Below(PageBytes / SectorBytes) * SectorBytes;
            Assert.True(_cache.Read(_now, new LogicalPage(page), offset, data.AsSpan(offset), RandomHints()).IsSuccess);
            Assert.True(data.AsSpan(offset).SequenceEqual(_allowed[page][^1].Data.AsSpan(offset)), Where(page));
        }

        private void Trim(uint page)
        {
            _now = SimTime.Max(_now, _cache.Trim(_now, new LogicalPage(page)));
            _allowed[page].Add((_now, new byte[PageBytes]));
        }

        private void Flush()
        {
            MediumResult result = _cache.Flush(_now);
            Assert.True(result.IsSuccess);
            _now = result.Done;
            foreach (List<(SimTime, byte[])> allowed in _allowed)
                allowed.RemoveRange(0, allowed.Count - 1);
        }

        private void Flush(OneResidue pages)
        {
            MediumResult result = _cache.BeginFlush(_now, pages);
            Assert.True(result.IsSuccess);
            _now = result.Done;
            for (uint page = 0; page < Pages; page++)
            {
                if (pages.Contains(new LogicalPage(page)))
                    _allowed[page].RemoveRange(0, _allowed[page].Count - 1);
            }
        }

        private sealed record OneResidue(uint Residue) : IPageSet
        {
            public bool Contains(LogicalPage page) => page.Value % 3 == Residue;
        }

        private void PowerCut()
        {
            SimTime gone = _cache.PowerCut(_now);
            _store.PowerCut(gone);
            _now = gone;
            for (uint page = 0; page < Pages; page++)
            {
                byte[] data = new byte[PageBytes];
                Assert.True(_cache.Read(_now, new LogicalPage(page), 0, data).IsSuccess);
                Assert.True(_allowed[page].Exists(version => version.Data.AsSpan().SequenceEqual(data)), Where(page));
                _allowed[page].Clear();
                _allowed[page].Add((_now, data));
            }
        }

        private void CheckMapped(uint page)
        {
            bool isMapped = _cache.IsMapped(new LogicalPage(page));
            Assert.True(isMapped || !_allowed[page][^1].Data.AsSpan().ContainsAnyExcept((byte)0), Where(page));
            int run = _cache.FirstPage(new LogicalPage(page), Pages - (int)page, !isMapped);
            for (uint i = 0; i < run; i++)
                Assert.Equal(isMapped, _cache.IsMapped(new LogicalPage(page + i)));
            Assert.True(page + run == Pages || _cache.IsMapped(new LogicalPage(page + (uint)run)) != isMapped, Where(page));
        }

        private CacheHints RandomHints()
        {
            byte owner = _random.Chance(30) ? _owner : (byte)0;
            var hint = CacheHint.None;
            foreach (CacheHint possible in new[] { CacheHint.Retain, CacheHint.Favour, CacheHint.Release, CacheHint.Through })
                hint |= _random.Chance(10) ? possible : CacheHint.None;
            return new CacheHints(owner, hint);
        }

        private static List<(SimTime Acknowledged, byte[] Data)> NewPage() => [(SimTime.Zero, new byte[PageBytes])];

        private string Where(uint page) => $"seed {_random.Seed}, page {page}, at {_now}";
    }
}
