using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Schemes;

/// <summary>A side of a scheme in virtual time, whose contents can be looked at, and which can fail.</summary>
internal interface ITestDevice : IBlockDevice, IDisposable
{
    SimTime NextEvent { get; }

    /// <summary>What each block holds now, with what the device has taken and not completed yet.</summary>
    byte[] Contents(SimTime now);

    void Advance(SimTime now, Action<SimTime, int, bool> completed);

    bool IsBeingWritten(ulong lba);

    /// <summary>Everything fails from now on, what is outstanding at the times at which it would have completed.</summary>
    void Die();

    /// <summary>The next write of the VM fails; the block has what it had or what was written.</summary>
    void FailNextWrite();

    /// <summary>Another round of dirty block tracking begins.</summary>
    void RoundBegan(SimTime now)
    {
    }

    void Paused(SimTime now)
    {
    }
}
