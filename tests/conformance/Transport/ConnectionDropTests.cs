using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>
/// A host that disappears costs its own association and nothing else, at whatever point of a session it goes.
/// </summary>
public sealed class ConnectionDropTests : IDisposable
{
    private const int BlockBytes = 4096;
    private const int LongBytes = 512 * 1024;

    private readonly TestTarget _target = new();
    private readonly HostController _other;
    private readonly Bystander _bystander;

    public ConnectionDropTests()
    {
        _other = _target.Connect(out HostQueue queue);
        _bystander = new Bystander(queue);
    }

    public enum Going
    {
        Close,
        Reset,
        EndSending,
    }

    public void Dispose()
    {
        _other.Dispose();
        _target.Dispose();
    }

    public static TheoryData<int, bool, Going> Points()
    {
        var rows = new TheoryData<int, bool, Going>();
        for (int step = 0; step < StepCount; step++)
        {
            foreach (Going going in Enum.GetValues<Going>())
            {
                rows.Add(step, true, going);
                rows.Add(step, false, going);
            }
        }

        return rows;
    }

    /// <param name="step">The step of the session that is the last.</param>
    /// <param name="half">Half of the PDU of that step is sent, and no answer awaited; else all of it.</param>
    [Theory]
    [MemberData(nameof(Points))]
    public void A_host_may_go_at_any_step_and_others_notice_nothing(int step, bool half, Going going)
    {
        using var session = new Session(_target);
        for (int i = 0; i < step; i++)
            session.Run(i);
        session.Send(step, half);
        _bystander.AssertUndisturbed();
        session.Leave(going);

        TestTarget.Eventually("the controller is gone", () => ConnectedControllers == 1);
        _bystander.AssertUndisturbed();
        TestTarget.Eventually("its buffers are back", () => _target.Target.BufferBytesInUse == 0);
    }

    [Fact]
    public void Every_step_of_the_session_is_answered_when_nobody_goes()
    {
        using var session = new Session(_target);
        for (int i = 0; i < StepCount; i++)
            session.Run(i);
        _bystander.AssertUndisturbed();
    }

    private int ConnectedControllers => _target.OnReactor(() => _target.Drive.ConnectedControllers.Count());

    private const int StepCount = 11;

    /// <summary>A session as a list of PDUs, each of which can be the last.</summary>
    private sealed class Session(TestTarget target) : IDisposable
    {
        private readonly RawHost _admin = new(target.EndPoint, target.Drive.Nqn, PduDigests.None);
        private RawHost? _io;
        private R2T _request;

        public void Run(int step)
        {
            Send(step, half: false);
            ReadAnswer(step);
        }

        public void Send(int step, bool half)
        {
            if (step == 4)
                _io = new RawHost(target.EndPoint, target.Drive.Nqn, PduDigests.None);
            byte[] pdu = PduOf(step);
            (step < 4 ? _admin : _io!).Connection.Send(half ? pdu.AsSpan(0, pdu.Length / 2) : pdu);
        }

        public void Leave(Going going)
        {
            foreach (RawHost raw in new[] { _io, _admin }.OfType<RawHost>())
            {
                switch (going)
                {
                    case Going.Reset:
                        raw.Connection.Reset();
                        break;
                    case Going.EndSending:
                        raw.Connection.EndSending();
                        raw.AssertClosed();
                        break;
                    default:
                        raw.Dispose();
                        break;
                }
            }
        }

        public void Dispose()
        {
            _io?.Dispose();
            _admin.Dispose();
        }

        private byte[] PduOf(int step) => step switch
        {
            0 or 4 => PduBuilder.IcReq(),
            1 => _admin.ConnectPdu(RawHost.ConnectCommandOf(0), _admin.ConnectDataOf(ConnectData.AnyDynamicController)),
            2 => PduBuilder.Capsule(RawHost.EnableCommand),
            3 => PduBuilder.Capsule(HostCommands.AsynchronousEventRequest()),
            5 => _io!.ConnectPdu(RawHost.ConnectCommandOf(1), _io.ConnectDataOf(_admin.ControllerId)),
            6 => PduBuilder.Capsule(HostCommands.Write(1, 0, 1), new byte[BlockBytes]),
            7 => PduBuilder.Capsule(Long(HostCommands.Write(1, 0, LongBytes / BlockBytes))),
            8 => PduBuilder.H2CData(_request.Cccid, _request.Ttag, 0, new byte[LongBytes / 2], isLast: false),
            9 => PduBuilder.H2CData(
                _request.Cccid, _request.Ttag, LongBytes / 2, new byte[LongBytes / 2], isLast: true),
            _ => PduBuilder.Capsule(Long(HostCommands.Read(1, 0, LongBytes / BlockBytes))),
        };

        private void ReadAnswer(int step)
        {
            switch (step)
            {
                case 0:
                case 4:
                    Assert.Equal(PduType.IcResp, (step == 0 ? _admin : _io!).Read().Type);
                    break;
                case 1:
                    _admin.AdoptController(_admin.ReadResponse());
                    break;
                case 2:
                    Assert.Equal(Status.Success, _admin.ReadResponse().Status);
                    break;
                case 7:
                    _request = _io!.Read().As<R2T>();
                    break;
                case 10:
                    Assert.Equal(LongBytes, _io!.Read().Data.Length);
                    Assert.Equal(Status.Success, _io.ReadResponse().Status);
                    break;
                case 5 or 6 or 9:
                    Assert.Equal(Status.Success, _io!.ReadResponse().Status);
                    break;
            }
        }

        private static SubmissionEntry Long(SubmissionEntry entry)
        {
            entry.Sgl1 = PduBuilder.InDataPdus(LongBytes);
            return entry;
        }
    }
}
