using Emulator.Host.Serving;
using Emulator.Wire;

namespace Emulator.Host.Decode;

/// <summary>Log page D8h, Direct Transfer Progress.</summary>
internal static class TransferPage
{
    private const int TextOffset = 160;

    /// <summary>Of a transfer that there is or was: only then has the page a text, be it of spaces alone.</summary>
    public static bool IsOne(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= DirectTransferProgress.Size
        && !bytes[TextOffset..DirectTransferProgress.Size].ContainsAnyExceptInRange((byte)' ', (byte)'~');

    public static DecodedPage Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < DirectTransferProgress.Size)
            throw new UserErrorException($"the progress of a transfer has {DirectTransferProgress.Size} bytes, these are {bytes.Length}");
        DirectTransferProgress progress = WireStruct.Read<DirectTransferProgress>(bytes.Span[..DirectTransferProgress.Size]);
        var page = new DecodedPage("Direct Transfer Progress");
        page.Add("version", progress.Version.Value);
        page.Add("target", progress.Target.Value, StatusPage.TargetText(progress.Target));
        page.Add("phase", Name((DirectTransferPhase)progress.Phase));
        page.Add("mode", Name((DirectTransferMode)progress.Mode));
        page.Add("form", Name((DirectTransferForm)progress.Form));
        AddState(page, (DirectTransferState)progress.State);
        AddReason(page, progress);
        AddBytes(page, progress);
        AddTimes(page, progress);
        return page;
    }

    private static void AddState(DecodedPage page, DirectTransferState state)
    {
        page.Add("connected", state.HasFlag(DirectTransferState.Connected));
        page.Add("paused", state.HasFlag(DirectTransferState.Paused));
        page.Add("finishing", state.HasFlag(DirectTransferState.Finishing));
    }

    private static void AddReason(DecodedPage page, in DirectTransferProgress progress)
    {
        page.Add("reason", Name((DirectTransferReason)progress.Reason.Value));
        page.Add("reasonText", TextField.ReadPadded(progress.Text));
        page.Add("peerStatus", progress.PeerStatus.Value, progress.PeerStatus == 0 ? "none" : new Status(progress.PeerStatus).ToString());
        page.Add("connectionsLost", progress.ConnectionsLost.Value);
        bool isConnected = progress.ControllerThere != ushort.MaxValue;
        page.Add("controllerThere", progress.ControllerThere.Value, isConnected ? null : "none");
    }

    private static void AddBytes(DecodedPage page, in DirectTransferProgress progress)
    {
        page.Add("round", progress.Round.Value);
        Add("bytesDone", progress.BytesDone);
        Add("bytesToDo", progress.BytesToDo);
        Add("bytesDirty", progress.BytesDirty);
        page.Add("bytesPerSecond", progress.BytesPerSecond.Value, $"{DriveText.Rounded(progress.BytesPerSecond)}/s");
        Add("bytesSent", progress.BytesSent);
        Add("bytesZeroed", progress.BytesZeroed);
        Add("bytesRepeated", progress.BytesRepeated);
        Add("bytesEqual", progress.BytesEqual);
        Add("stateBytes", progress.StateBytes);
        page.Add("commands", progress.Commands.Value);
        page.Add("blocksUnreadable", progress.BlocksUnreadable.Value);
        Add("firstPassBytes", progress.FirstPassBytes);

        void Add(string name, ulong bytes) => page.Add(name, bytes, DriveText.Rounded(bytes));
    }

    private static void AddTimes(DecodedPage page, in DirectTransferProgress progress)
    {
        Add("microseconds", progress.Microseconds);
        Add("firstPassMicroseconds", progress.FirstPassMicroseconds);
        Add("blackoutMicroseconds", progress.BlackoutMicroseconds);
        Add("yieldedMicroseconds", progress.YieldedMicroseconds);

        void Add(string name, ulong microseconds) =>
            page.Add(name, microseconds, FormattableString.Invariant($"{microseconds / 1e6:F3} s"));
    }

    private static string Name<T>(T value)
        where T : struct, Enum => Enum.IsDefined(value) ? value.ToString() : $"{value:D}";
}
