using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Identify Controller data structure (Base 2.1, 5.1.13.2.1, CNS 01h), with the support structure of the vendor
/// command set at the start of the vendor specific area.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = IdentifyController.Size)]
public struct IdentifyController
{
    public const int Size = 4096;

    /// <summary>PCI vendor ID.</summary>
    [FieldOffset(0)] public U16Le Vid;

    /// <summary>PCI subsystem vendor ID.</summary>
    [FieldOffset(2)] public U16Le Ssvid;

    /// <summary>Serial number, ASCII padded with spaces.</summary>
    [FieldOffset(4)] public Bytes20 Sn;

    /// <summary>Model number, ASCII padded with spaces.</summary>
    [FieldOffset(24)] public Bytes40 Mn;

    /// <summary>Firmware revision, ASCII padded with spaces.</summary>
    [FieldOffset(64)] public Bytes8 Fr;

    /// <summary>Recommended arbitration burst.</summary>
    [FieldOffset(72)] public byte Rab;

    /// <summary>OUI, least significant byte first.</summary>
    [FieldOffset(73)] public Bytes3 Ieee;

    /// <summary>
    /// Multi-path: bit 0 several ports, 1 several controllers, 2 SR-IOV virtual function, 3 ANA reporting.
    /// </summary>
    [FieldOffset(76)] public byte Cmic;

    /// <summary>Largest transfer is 2^Mdts memory pages; 0 for no limit.</summary>
    [FieldOffset(77)] public byte Mdts;
    [FieldOffset(78)] public U16Le Cntlid;

    /// <summary>As the VS property.</summary>
    [FieldOffset(80)] public U32Le Ver;

    /// <summary>RTD3 resume latency in microseconds.</summary>
    [FieldOffset(84)] public U32Le Rtd3r;

    /// <summary>RTD3 entry latency in microseconds.</summary>
    [FieldOffset(88)] public U32Le Rtd3e;

    /// <summary>See <see cref="AsyncEventNotices"/>.</summary>
    [FieldOffset(92)] public U32Le Oaes;

    /// <summary>See <see cref="ControllerAttributes"/>.</summary>
    [FieldOffset(96)] public U32Le Ctratt;

    /// <summary>Read recovery levels supported.</summary>
    [FieldOffset(100)] public U16Le Rrls;

    /// <summary>Boot partition capabilities.</summary>
    [FieldOffset(102)] public byte Bpcap;
    [FieldOffset(103)] public byte Reserved103;

    /// <summary>NVM subsystem shutdown latency in microseconds.</summary>
    [FieldOffset(104)] public U32Le Nssl;
    [FieldOffset(108)] public Bytes2 Reserved108;

    /// <summary>Power loss signaling information.</summary>
    [FieldOffset(110)] public byte Plsi;
    [FieldOffset(111)] public ControllerType Cntrltype;

    /// <summary>FRU globally unique identifier.</summary>
    [FieldOffset(112)] public Bytes16 Fguid;

    /// <summary>Command retry delay time 1, in units of 100 ms.</summary>
    [FieldOffset(128)] public U16Le Crdt1;
    [FieldOffset(130)] public U16Le Crdt2;
    [FieldOffset(132)] public U16Le Crdt3;

    /// <summary>Controller reachability capabilities.</summary>
    [FieldOffset(134)] public byte Crcap;
    [FieldOffset(135)] public Bytes118 Reserved135;

    /// <summary>NVM subsystem report: bit 0 storage device, 1 enclosure.</summary>
    [FieldOffset(253)] public byte Nvmsr;

    /// <summary>VPD write cycle information.</summary>
    [FieldOffset(254)] public byte Vwci;

    /// <summary>Management endpoint capabilities.</summary>
    [FieldOffset(255)] public byte Mec;

    /// <summary>See <see cref="OptionalAdminCommands"/>.</summary>
    [FieldOffset(256)] public U16Le Oacs;

    /// <summary>Concurrent Abort commands, zero-based.</summary>
    [FieldOffset(258)] public byte Acl;

    /// <summary>Concurrent Asynchronous Event Requests, zero-based.</summary>
    [FieldOffset(259)] public byte Aerl;

    /// <summary>
    /// Firmware updates: bit 0 slot 1 is read only, 3:1 slots, 4 activation without reset, 5 overlap detection.
    /// </summary>
    [FieldOffset(260)] public byte Frmw;

    /// <summary>See <see cref="LogPageAttributes"/>.</summary>
    [FieldOffset(261)] public byte Lpa;

    /// <summary>Error log entries, zero-based.</summary>
    [FieldOffset(262)] public byte Elpe;

    /// <summary>Power states, zero-based.</summary>
    [FieldOffset(263)] public byte Npss;

    /// <summary>Bit 0: vendor admin commands have the format of Base 2.1, 8.1.26.</summary>
    [FieldOffset(264)] public byte Avscc;

    /// <summary>Autonomous power state transitions.</summary>
    [FieldOffset(265)] public byte Apsta;

    /// <summary>Warning composite temperature threshold in kelvins.</summary>
    [FieldOffset(266)] public U16Le Wctemp;

    /// <summary>Critical composite temperature threshold in kelvins.</summary>
    [FieldOffset(268)] public U16Le Cctemp;

    /// <summary>Maximum time for firmware activation, in units of 100 ms.</summary>
    [FieldOffset(270)] public U16Le Mtfa;

    /// <summary>Host memory buffer preferred size.</summary>
    [FieldOffset(272)] public U32Le Hmpre;

    /// <summary>Host memory buffer minimum size.</summary>
    [FieldOffset(276)] public U32Le Hmmin;

    /// <summary>Total NVM capacity in bytes.</summary>
    [FieldOffset(280)] public U128Le Tnvmcap;

    /// <summary>Unallocated NVM capacity in bytes.</summary>
    [FieldOffset(296)] public U128Le Unvmcap;

    /// <summary>Replay protected memory block support.</summary>
    [FieldOffset(312)] public U32Le Rpmbs;

    /// <summary>Extended device self-test time in minutes.</summary>
    [FieldOffset(316)] public U16Le Edstt;

    /// <summary>Device self-test options: bit 0 one self-test per subsystem at a time.</summary>
    [FieldOffset(318)] public byte Dsto;

    /// <summary>Firmware update granularity in units of 4 KiB; FFh for no restriction.</summary>
    [FieldOffset(319)] public byte Fwug;

    /// <summary>Keep alive support: granularity of the timer in units of 100 ms.</summary>
    [FieldOffset(320)] public U16Le Kas;

    /// <summary>Host controlled thermal management.</summary>
    [FieldOffset(322)] public U16Le Hctma;

    /// <summary>Minimum thermal management temperature in kelvins.</summary>
    [FieldOffset(324)] public U16Le Mntmt;

    /// <summary>Maximum thermal management temperature in kelvins.</summary>
    [FieldOffset(326)] public U16Le Mxtmt;

    /// <summary>See <see cref="SanitizeCapabilities"/>.</summary>
    [FieldOffset(328)] public U32Le Sanicap;

    /// <summary>Host memory buffer minimum descriptor entry size.</summary>
    [FieldOffset(332)] public U32Le Hmminds;

    /// <summary>Host memory maximum descriptor entries.</summary>
    [FieldOffset(336)] public U16Le Hmmaxd;

    /// <summary>NVM set identifier maximum.</summary>
    [FieldOffset(338)] public U16Le Nsetidmax;

    /// <summary>Endurance group identifier maximum.</summary>
    [FieldOffset(340)] public U16Le Endgidmax;

    /// <summary>ANA transition time in seconds.</summary>
    [FieldOffset(342)] public byte Anatt;

    /// <summary>
    /// ANA states reported (bits 4:0), 6 group identifier does not change while attached, 7 nor at all.
    /// </summary>
    [FieldOffset(343)] public byte Anacap;

    /// <summary>ANA group identifier maximum.</summary>
    [FieldOffset(344)] public U32Le Anagrpmax;

    /// <summary>Number of ANA group identifiers.</summary>
    [FieldOffset(348)] public U32Le Nanagrpid;

    /// <summary>Persistent event log size in units of 64 KiB.</summary>
    [FieldOffset(352)] public U32Le Pels;

    /// <summary>Domain identifier.</summary>
    [FieldOffset(356)] public U16Le Did;

    /// <summary>Key per I/O capabilities.</summary>
    [FieldOffset(358)] public byte Kpioc;
    [FieldOffset(359)] public byte Reserved359;

    /// <summary>Maximum processing time for firmware activation without reset, in units of 100 ms.</summary>
    [FieldOffset(360)] public U16Le Mptfawr;
    [FieldOffset(362)] public Bytes6 Reserved362;

    /// <summary>Maximum endurance group capacity in bytes.</summary>
    [FieldOffset(368)] public U128Le Megcap;

    /// <summary>Temperature threshold hysteresis attributes.</summary>
    [FieldOffset(384)] public byte Tmpthha;
    [FieldOffset(385)] public byte Reserved385;

    /// <summary>Command quiesce time in milliseconds.</summary>
    [FieldOffset(386)] public U16Le Cqt;
    [FieldOffset(388)] public Bytes124 Reserved388;

    /// <summary>Submission queue entry size: required in bits 3:0, maximum in 7:4, as base-two logarithms.</summary>
    [FieldOffset(512)] public byte Sqes;

    /// <summary>Completion queue entry size, likewise.</summary>
    [FieldOffset(513)] public byte Cqes;

    /// <summary>Commands that the controller processes at once per queue.</summary>
    [FieldOffset(514)] public U16Le Maxcmd;

    /// <summary>Number of namespaces: the largest valid NSID.</summary>
    [FieldOffset(516)] public U32Le Nn;

    /// <summary>See <see cref="OptionalNvmCommands"/>.</summary>
    [FieldOffset(520)] public U16Le Oncs;

    /// <summary>Fused operations: bit 0 Compare and Write.</summary>
    [FieldOffset(522)] public U16Le Fuses;

    /// <summary>
    /// Format NVM attributes: bit 0 format all, 1 erase all, 2 cryptographic erase, 3 no broadcast NSID.
    /// </summary>
    [FieldOffset(524)] public byte Fna;

    /// <summary>Volatile write cache: bit 0 present, 2:1 behaviour of Flush with the broadcast NSID.</summary>
    [FieldOffset(525)] public byte Vwc;

    /// <summary>Atomic write unit normal in logical blocks, zero-based.</summary>
    [FieldOffset(526)] public U16Le Awun;

    /// <summary>Atomic write unit power fail in logical blocks, zero-based.</summary>
    [FieldOffset(528)] public U16Le Awupf;

    /// <summary>Bit 0: vendor I/O commands have the format of Base 2.1, 8.1.26.</summary>
    [FieldOffset(530)] public byte Icsvscc;

    /// <summary>Namespace write protection capabilities.</summary>
    [FieldOffset(531)] public byte Nwpc;

    /// <summary>Atomic compare and write unit in logical blocks, zero-based.</summary>
    [FieldOffset(532)] public U16Le Acwu;

    /// <summary>Copy descriptor formats supported, one bit each.</summary>
    [FieldOffset(534)] public U16Le Cdfs;

    /// <summary>SGL support.</summary>
    [FieldOffset(536)] public U32Le Sgls;

    /// <summary>Maximum number of allowed namespaces.</summary>
    [FieldOffset(540)] public U32Le Mnan;

    /// <summary>Maximum domain namespace attachments.</summary>
    [FieldOffset(544)] public U128Le Maxdna;

    /// <summary>Maximum I/O controller namespace attachments.</summary>
    [FieldOffset(560)] public U32Le Maxcna;

    /// <summary>Optimal aggregated queue depth.</summary>
    [FieldOffset(564)] public U32Le Oaqd;

    /// <summary>Recommended host-initiated refresh interval.</summary>
    [FieldOffset(568)] public byte Rhiri;

    /// <summary>Host-initiated refresh time.</summary>
    [FieldOffset(569)] public byte Hirt;

    /// <summary>Memory range tracking descriptors, this controller.</summary>
    [FieldOffset(570)] public U16Le Cmmrtd;

    /// <summary>Memory range tracking descriptors, subsystem.</summary>
    [FieldOffset(572)] public U16Le Nmmrtd;

    /// <summary>Minimum memory range tracking granularity.</summary>
    [FieldOffset(574)] public byte Minmrtg;

    /// <summary>Maximum memory range tracking granularity.</summary>
    [FieldOffset(575)] public byte Maxmrtg;

    /// <summary>Tracking attributes.</summary>
    [FieldOffset(576)] public byte Trattr;
    [FieldOffset(577)] public byte Reserved577;

    /// <summary>User data migration queues, this controller.</summary>
    [FieldOffset(578)] public U16Le Mcudmq;

    /// <summary>User data migration queues, subsystem.</summary>
    [FieldOffset(580)] public U16Le Mnsudmq;

    /// <summary>Memory ranges of a controller data queue.</summary>
    [FieldOffset(582)] public U16Le Mcmr;

    /// <summary>Memory ranges of all controller data queues.</summary>
    [FieldOffset(584)] public U16Le Nmcmr;

    /// <summary>PRP entries of a controller data queue.</summary>
    [FieldOffset(586)] public U16Le Mcdqpc;
    [FieldOffset(588)] public Bytes180 Reserved588;

    /// <summary>UTF-8, ended by a zero.</summary>
    [FieldOffset(768)] public Bytes256 Subnqn;
    [FieldOffset(1024)] public Bytes768 Reserved1024;

    /// <summary>I/O queue command capsule size in units of 16 bytes.</summary>
    [FieldOffset(1792)] public U32Le Ioccsz;

    /// <summary>I/O queue response capsule size in units of 16 bytes.</summary>
    [FieldOffset(1796)] public U32Le Iorcsz;

    /// <summary>In capsule data offset in units of 16 bytes.</summary>
    [FieldOffset(1800)] public U16Le Icdoff;

    /// <summary>Fabrics controller attributes: bit 0 static controller model.</summary>
    [FieldOffset(1802)] public byte Fcatt;

    /// <summary>Maximum SGL data block descriptors; 0 for no limit.</summary>
    [FieldOffset(1803)] public byte Msdbd;

    /// <summary>Optional Fabrics commands: bit 0 Disconnect.</summary>
    [FieldOffset(1804)] public U16Le Ofcs;

    /// <summary>Discovery controller type.</summary>
    [FieldOffset(1806)] public byte Dctype;
    [FieldOffset(1807)] public Bytes241 Reserved1807;
    [FieldOffset(2048)] public PowerStateDescriptors Psd;

    /// <summary>First 64 bytes of the vendor specific area.</summary>
    [FieldOffset(3072)] public VmasSupport Vmas;

    /// <summary>Rest of the vendor specific area.</summary>
    [FieldOffset(3136)] public Bytes960 Vs;
}

/// <summary>CNTRLTYPE (Base 2.1, 5.1.13.2.1).</summary>
public enum ControllerType : byte
{
    NotReported = 0,
    Io = 1,
    Discovery = 2,
    Administrative = 3,
}
