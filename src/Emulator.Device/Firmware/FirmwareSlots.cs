using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// The firmware slots of the drive and the image that is being downloaded (Base 2.1, 3.11). All controllers share them.
/// Slot 1 holds the factory image and is read only.
/// </summary>
internal sealed class FirmwareSlots
{
    public const int Count = 3;

    /// <summary>The largest image in bytes.</summary>
    public const int MostImageBytes = 1 << 20;

    private const int FactorySlot = 1;

    private readonly FirmwareImage?[] _slots = new FirmwareImage?[Count + 1];
    private readonly List<(int Start, int End)> _pieces = [];
    private byte[] _download = [];
    private ushort _downloader;

    public FirmwareSlots() => _slots[FactorySlot] = new FirmwareImage(Drive.FactoryFirmwareRevision, NeedsReset: false);

    public int ActiveSlot { get; private set; } = FactorySlot;

    /// <summary>The slot that the next controller level reset activates; 0 for none.</summary>
    public int PendingSlot { get; private set; }

    public bool IsActivationPending => PendingSlot != 0;

    public string ActiveRevision => RevisionOf(ActiveSlot)!;

    public bool HasDownload => _pieces.Count > 0;

    /// <summary>Null for an empty slot.</summary>
    public string? RevisionOf(int slot) => _slots[slot]?.Revision;

    /// <summary>Whether another controller downloaded a part of the image: update sequences overlap.</summary>
    public bool IsOverlappedBy(ushort controllerId) => HasDownload && _downloader != controllerId;

    /// <summary>Takes a piece of an image; pieces may come in any order but not overlap.</summary>
    public Status Download(ushort controllerId, ulong offset, ReadOnlySpan<byte> piece)
    {
        if (offset > MostImageBytes || (uint)piece.Length > MostImageBytes - offset)
            return Status.InvalidField;
        int start = (int)offset;
        int end = start + piece.Length;
        if (_pieces.Exists(other => start < other.End && other.Start < end))
            return Status.OverlappingRange;

        if (_download.Length == 0)
            _download = new byte[MostImageBytes];
        piece.CopyTo(_download.AsSpan(start));
        _pieces.Add((start, end));
        _downloader = controllerId;
        return Status.Success;
    }

    public void DiscardDownload() => _pieces.Clear();

    /// <summary>A reset of the controller discards what it downloaded, and activates what waits for a reset.</summary>
    /// <returns>Whether other firmware runs from now on.</returns>
    public bool ControllerReset(ushort controllerId)
    {
        if (_downloader == controllerId)
            DiscardDownload();
        if (!IsActivationPending)
            return false;
        Activate(PendingSlot);
        return true;
    }

    /// <summary>The slot that is meant by slot 0: one that is empty, else the first that can be written and does not run.</summary>
    public int ChooseSlot()
    {
        int empty = Array.IndexOf(_slots, null, FactorySlot + 1);
        return empty > 0 ? empty : ActiveSlot == FactorySlot + 1 ? FactorySlot + 2 : FactorySlot + 1;
    }

    /// <summary>Puts the downloaded image into a slot.</summary>
    public Status Store(int slot)
    {
        if (slot == FactorySlot)
            return Status.InvalidFirmwareSlot;
        _pieces.Sort();
        int end = 0;
        bool isWhole = HasDownload && _pieces.TrueForAll(piece =>
        {
            bool follows = piece.Start == end;
            end = piece.End;
            return follows;
        });
        FirmwareImage? image = isWhole ? FirmwareImage.Parse(_download.AsSpan(0, end)) : null;
        DiscardDownload();
        if (image == null)
            return Status.InvalidFirmwareImage;
        _slots[slot] = image;
        return Status.Success;
    }

    public Status ActivateAtReset(int slot)
    {
        if (_slots[slot] == null)
            return Status.InvalidFirmwareImage;
        PendingSlot = slot;
        return Status.Success;
    }

    public Status ActivateNow(int slot)
    {
        if (_slots[slot] is not { } image)
            return Status.InvalidFirmwareImage;
        if (image.NeedsReset)
        {
            PendingSlot = slot;
            return Status.FirmwareNeedsControllerLevelReset;
        }

        Activate(slot);
        return Status.Success;
    }

    /// <summary>LID 03h (Base 2.1, 5.1.12.1.4).</summary>
    public FirmwareSlotInformation Report()
    {
        var report = new FirmwareSlotInformation { Afi = (byte)(ActiveSlot | (PendingSlot << 4)) };
        for (int slot = 1; slot <= Count; slot++)
        {
            if (RevisionOf(slot) is { } revision)
                TextField.WritePadded(report.Frs[slot - 1], revision);
        }

        return report;
    }

    internal void WriteTo(ref MetadataWriter writer)
    {
        int begun = writer.Begin(MetadataTag.Firmware);
        for (int slot = FactorySlot + 1; slot <= Count; slot++)
        {
            if (_slots[slot] is not { } image)
                continue;
            writer.Number(MetadataTag.Slot, (ulong)slot);
            writer.Text(MetadataTag.Revision, image.Revision);
            writer.Number(MetadataTag.NeedsReset, image.NeedsReset ? 1u : 0);
        }

        writer.Number(MetadataTag.ActiveSlot, (ulong)ActiveSlot);
        writer.Number(MetadataTag.PendingSlot, (ulong)PendingSlot);
        writer.End(begun);
    }

    /// <summary>What waited for a reset is activated: switching on is one (Base 2.1, 3.11).</summary>
    internal void ReadFrom(MetadataReader reader)
    {
        int slot = 0;
        string revision = "";
        while (reader.Next())
        {
            switch (reader.Tag)
            {
                case MetadataTag.Slot:
                    slot = reader.Count is > FactorySlot and <= Count ? reader.Count : throw MetadataReader.Damaged("a firmware slot");
                    break;
                case MetadataTag.Revision:
                    revision = reader.Text;
                    break;
                case MetadataTag.NeedsReset:
                    _slots[slot] = new FirmwareImage(revision, reader.Number != 0);
                    break;
                case MetadataTag.ActiveSlot or MetadataTag.PendingSlot:
                    ReadActive(reader.Count);
                    break;
                default:
                    throw reader.Unknown();
            }
        }
    }

    private void ReadActive(int slot)
    {
        if (slot == 0)
            return;
        if (slot > Count || _slots[slot] == null)
            throw MetadataReader.Damaged($"firmware slot {slot} is empty");
        Activate(slot);
    }

    private void Activate(int slot)
    {
        Check.That(_slots[slot] != null);
        ActiveSlot = slot;
        PendingSlot = 0;
    }
}
