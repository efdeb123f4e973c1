using Emulator.Simulation.Migrations;

namespace Emulator.Host.Assist;

/// <summary>A row of the table, as it is written to a file: specs/assist.md.</summary>
internal sealed class AssistRow(MigrationReport report)
{
    public string Assist { get; } = AssistTable.NameOf(report.Assist);

    public long BytesWrittenBefore { get; } = report.BytesWrittenBefore;

    public long BytesMoved { get; } = report.BytesMoved;

    public int Rounds { get; } = report.Rounds;

    public double BrownoutMilliseconds { get; } = report.Brownout.Nanoseconds / 1e6;

    public double BlackoutMilliseconds { get; } = report.Blackout.Nanoseconds / 1e6;

    public long RetainedPagesRead { get; } = report.RetainedPagesRead;

    public long ReadsPrefetched { get; } = report.ReadsPrefetched;

    public GuestReport Before { get; } = report.Before;

    public GuestReport During { get; } = report.During;

    public GuestReport? After { get; } = report.After;
}
