using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>The vendor command set: VM Migration Assist.</summary>
public sealed partial class Controller
{
    private const VmasCapabilities VmMigrationCapabilities = VmasCapabilities.None;

    private VmasSupport VmasSupportStructure => new()
    {
        Signature = VmasSupport.SignatureValue,
        Version = VmasSupport.Version10,
        StructureSize = VmasSupport.Size,
        Capabilities = (uint)VmMigrationCapabilities,
        FirstFeature = (byte)FeatureId.VmMigration,
        FirstLogPage = (byte)LogPageId.VmMigrationStatus,
        TrackingGranule = (uint)_drive.Options.TrackingGranuleBytes,
    };

    private CommandOutcome SetVmMigrationFeature(SimTime now, in SubmissionEntry entry, Span<byte> data) =>
        Failed(now, Status.InvalidField);

    private CommandOutcome GetVmMigrationFeature(SimTime now, in SubmissionEntry entry, Span<byte> data) =>
        Failed(now, Status.InvalidField);

    private CommandOutcome GetVmMigrationLog(SimTime now, in LogPageRequest request, Span<byte> data) =>
        Failed(now, Status.InvalidLogPage);
}
