namespace Emulator.Wire;

/// <summary>Offsets of the controller properties (Base 2.1, 3.1.4) that Property Get and Property Set name.</summary>
public static class ControllerProperty
{
    public const uint Cap = 0x00;
    public const uint Vs = 0x08;
    public const uint Intms = 0x0C;
    public const uint Intmc = 0x10;
    public const uint Cc = 0x14;
    public const uint Csts = 0x1C;
    public const uint Nssr = 0x20;
    public const uint Aqa = 0x24;
    public const uint Asq = 0x28;
    public const uint Acq = 0x30;
    public const uint Cmbloc = 0x38;
    public const uint Cmbsz = 0x3C;
    public const uint Bpinfo = 0x40;
    public const uint Bprsel = 0x44;
    public const uint Bpmbl = 0x48;
    public const uint Cmbmsc = 0x50;
    public const uint Cmbsts = 0x58;
    public const uint Cmbebs = 0x5C;
    public const uint Cmbswtp = 0x60;
    public const uint Nssd = 0x64;
    public const uint Crto = 0x68;

    /// <summary>What a write to NSSR must hold to reset the subsystem: "NVMe".</summary>
    public const uint NssrSignature = 0x4E564D65;

    /// <summary>VS of a controller that implements Base 2.1.0.</summary>
    public const uint Version210 = 0x00020100;
}
