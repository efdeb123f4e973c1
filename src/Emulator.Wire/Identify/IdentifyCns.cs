namespace Emulator.Wire;

/// <summary>Controller or Namespace Structure of Identify (Base 2.1, 5.1.13.1).</summary>
public enum IdentifyCns : byte
{
    Namespace = 0x00,
    Controller = 0x01,
    ActiveNamespaceList = 0x02,
    NamespaceIdentificationDescriptors = 0x03,
    NvmSetList = 0x04,
    IoCommandSetNamespace = 0x05,
    IoCommandSetController = 0x06,
    IoCommandSetActiveNamespaceList = 0x07,
    IndependentNamespace = 0x08,
    NamespaceUserDataFormat = 0x09,
    IoCommandSetNamespaceUserDataFormat = 0x0A,
    AllocatedNamespaceList = 0x10,
    AllocatedNamespace = 0x11,
    NamespaceAttachedControllerList = 0x12,
    ControllerList = 0x13,
    PrimaryControllerCapabilities = 0x14,
    SecondaryControllerList = 0x15,
    NamespaceGranularityList = 0x16,
    UuidList = 0x17,
    DomainList = 0x18,
    EnduranceGroupList = 0x19,
    IoCommandSetAllocatedNamespaceList = 0x1A,
    IoCommandSetAllocatedNamespace = 0x1B,
    IoCommandSets = 0x1C,
    UnderlyingNamespaceList = 0x1D,
    PortsList = 0x1E,
    IndependentAllocatedNamespace = 0x1F,
    SupportedControllerStateFormats = 0x20,
}
