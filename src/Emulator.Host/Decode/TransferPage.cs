using Emulator.Host.Serving;
using Emulator.Wire;

namespace Emulator.Host.Decode;

/// <summary>Log page D8h, Direct Transfer Progress.</summary>
internal static class TransferPage
{
    private const int TextOffset = 160;

    /// <summary>Bytes of the page in version 1.0 of the command set, which knows no schemes.</summary>
    private const int FirstSize = 256;

    private const uint Unknown = uint.MaxValue;

    /// <summary>Of a transfer that there is or was: only then has the page a text, be it of spaces alone.</summary>
    public static bool IsOne(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= FirstSize
        && !bytes[TextOffset..FirstSize].ContainsAnyExceptInRange((byte)' ', (byte)'~');

    public static DecodedPage Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < FirstSize)
            throw new UserErrorException($"the progress of a transfer has {FirstSize} bytes at least, these are {bytes.Length}");
        byte[] whole = new byte[DirectTransferProgress.Size];
        bytes.Span[..Math.Min(bytes.Length, whole.Length)].CopyTo(whole);
        DirectTransferProgress progress = WireStruct.Read<DirectTransferProgress>(whole);
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
        if (progress.Scheme != (byte)DirectTransferScheme.None && bytes.Length >= DirectTransferProgress.Size)
            AddScheme(page, progress);
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
        page.Add("sharePercent", progress.SharePercent);
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

    private static void AddScheme(DecodedPage page, in DirectTransferProgress progress)
    {
        page.Add("scheme", Name((DirectTransferScheme)progress.Scheme));
        page.Add("requests", progress.Requests.Value);
        Add("bytesWritten", progress.BytesWritten);
        Add("bytesWrittenToCopied", progress.BytesWrittenToCopied);
        Add("bytesToSource", progress.BytesToSource);
        Add("bytesToDestination", progress.BytesToDestination);
        Add("bytesReadAtDestination", progress.BytesReadAtDestination);
        Add("bytesCopied", progress.BytesCopied);
        Add("bytesSkipped", progress.BytesSkipped);
        Add("bytesMerged", progress.BytesMerged);
        page.Add("requestsDeferred", progress.RequestsDeferred.Value);
        page.Add("delays", progress.Delays.Value);
        page.Add("mostPending", progress.MostPending.Value);
        Add("logBytes", progress.LogBytes);
        Add("bytesRestored", progress.BytesRestored);
        page.Add("requestsBefore", progress.RequestsBefore.Value);
        page.Add("microsecondsBefore", progress.MicrosecondsBefore.Value);
        page.Add("schemeMicroseconds", progress.SchemeMicroseconds.Value);
        page.Add("bestCopyBytesPerSecond", progress.BestCopyBytesPerSecond.Value, $"{DriveText.Rounded(progress.BestCopyBytesPerSecond)}/s");
        AddFactor("ioPenaltyMillionths", progress.Penalty);
        AddFactor("migrationTimeFactorMillionths", progress.TimeFactor);
        AddFactor("wearOutFactorMillionths", progress.WearOut);

        void Add(string name, ulong bytes) => page.Add(name, bytes, DriveText.Rounded(bytes));

        void AddFactor(string name, uint millionths) =>
            page.Add(name, millionths, millionths == Unknown ? "unknown" : FormattableString.Invariant($"{millionths / 1e6:F3}"));
    }

    private static string Name<T>(T value)
        where T : struct, Enum => Enum.IsDefined(value) ? value.ToString() : $"{value:D}";
}
