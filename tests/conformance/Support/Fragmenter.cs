using Emulator.Tcp;

namespace Emulator.ConformanceTests;

/// <summary>
/// Sends bytes in pieces that the target receives one by one: between two pieces another host gets an answer from the
/// same reactor, which has had its chance to receive the piece by then.
/// </summary>
public sealed class Fragmenter(HostQueue companion)
{
    public void Send(PduConnection connection, ReadOnlySpan<byte> bytes, int splitAt)
    {
        connection.Send(bytes[..splitAt]);
        Pause();
        connection.Send(bytes[splitAt..]);
    }

    public void SendByteByByte(PduConnection connection, ReadOnlySpan<byte> bytes)
    {
        foreach (ref readonly byte one in bytes)
        {
            connection.Send(new ReadOnlySpan<byte>(in one));
            Pause();
        }
    }

    private void Pause() => Assert.True(companion.Execute(HostCommands.KeepAlive()).IsSuccess);
}
