using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Makes a VM's controller what a storage state says (specs/state-container.md). Everything is looked at before anything
/// is changed, and nothing that was found good can fail: all of it is applied, or nothing. Split by section.
/// </summary>
internal sealed partial class StateRestore
{
    private readonly Drive _drive;
    private readonly VmTarget _target;
    private readonly StateImage _image;

    public StateRestore(Drive drive, VmTarget target, StateImage image)
    {
        _drive = drive;
        _target = target;
        _image = image;
    }

    /// <summary>What stands against it.</summary>
    /// <returns>Success, Storage State Invalid, Storage State Incompatible or Limit Reached.</returns>
    public Status Problem()
    {
        Status status = TransportProblem();
        if (status.IsSuccess)
            status = InterfaceProblem();
        if (status.IsSuccess)
            status = _target.Vm.ActivityProblem(_image);
        return status.IsSuccess ? TranslationProblem() : status;
    }

    /// <summary>Applies a state that there is nothing against.</summary>
    public void Apply(SimTime now)
    {
        ApplyInterface(now);
        _target.Vm.TakeActivity(_image);
        ApplyTranslation();
    }

    /// <summary>
    /// What the VM's host and this drive negotiate when they connect is theirs: the section tells what it was elsewhere, and
    /// nothing of it is applied.
    /// </summary>
    private Status TransportProblem()
    {
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in _image.Attributes)
        {
            if (id.Section != StateSectionType.Transport)
                continue;
            int expected = (TransportAttribute)id.Type switch
            {
                TransportAttribute.Limits => TransportLimits.Size,
                TransportAttribute.Queue => TransportQueueState.Size,
                _ => value.Length,
            };
            if (value.Length != expected)
                return Status.StorageStateInvalid;
        }

        return Status.Success;
    }

    /// <summary>A namespace that the target has here too; null if there is none.</summary>
    private Namespace? Find(uint nsid) =>
        _drive.Namespaces.Find(nsid) is { } ns && ns.IsAttachedTo(_target.Slot.Id) ? ns : null;

    private IEnumerable<KeyValuePair<StateAttributeId, ReadOnlyMemory<byte>>> AllOf(InterfaceAttribute type) =>
        _image.AllOf(StateSectionType.Interface, (ushort)type);

    private IEnumerable<KeyValuePair<StateAttributeId, ReadOnlyMemory<byte>>> AllOf(TranslationAttribute type) =>
        _image.AllOf(StateSectionType.Translation, (ushort)type);
}
