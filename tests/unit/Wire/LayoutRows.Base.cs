using Emulator.Wire;

namespace Emulator.UnitTests.Wire;

/// <summary>
/// The layouts of all structures, transcribed from the figures of the specifications; bytes that a figure calls
/// reserved are named after the first of them.
/// </summary>
public static partial class LayoutRows
{
    public static IEnumerable<LayoutRow> All =>
        [.. Queues, .. Fabrics, .. Tcp, .. Identify, .. Logs, .. Nvm, .. Vendor];

    // Base 2.1: the common command and completion formats, SGL descriptors.
    private static LayoutRow[] Queues =>
    [
        new(typeof(SglDescriptor), 16, "Address 0, Length 8, Reserved12 12, Identifier 15"),
        new(typeof(SubmissionEntry), 64, """
            Opcode 0, Flags 1, Cid 2, Nsid 4, Cdw2 8, Cdw3 12, Mptr 16, Sgl1 24,
            Cdw10 40, Cdw11 44, Cdw12 48, Cdw13 52, Cdw14 56, Cdw15 60
            """),
        new(typeof(CompletionEntry), 16, "Dw0 0, Dw1 4, Sqhd 8, Sqid 10, Cid 12, StatusField 14"),
    ];

    // Base 2.1, chapter 6.
    private static LayoutRow[] Fabrics =>
    [
        new(typeof(FabricsCommand), 64, "Opcode 0, Flags 1, Cid 2, Fctype 4, Reserved5 5, Sgl1 24, Specific 40"),
        new(typeof(ConnectCommand), 64, """
            Opcode 0, Flags 1, Cid 2, Fctype 4, Reserved5 5, Sgl1 24, Recfmt 40, Qid 42, Sqsize 44, Cattr 46,
            Reserved47 47, Kato 48, Nvmsetid 52, Reserved54 54
            """),
        new(typeof(ConnectData), 1024, "Hostid 0, Cntlid 16, Reserved18 18, Subnqn 256, Hostnqn 512, Reserved768 768"),
        new(typeof(DisconnectCommand), 64,
            "Opcode 0, Flags 1, Cid 2, Fctype 4, Reserved5 5, Recfmt 40, Reserved42 42"),
        new(typeof(PropertyGetCommand), 64,
            "Opcode 0, Flags 1, Cid 2, Fctype 4, Reserved5 5, Attrib 40, Reserved41 41, Ofst 44, Reserved48 48"),
        new(typeof(PropertySetCommand), 64, """
            Opcode 0, Flags 1, Cid 2, Fctype 4, Reserved5 5, Attrib 40, Reserved41 41, Ofst 44, Value 48,
            Reserved56 56
            """),
        new(typeof(AuthenticationCommand), 64, """
            Opcode 0, Flags 1, Cid 2, Fctype 4, Reserved5 5, Sgl1 24, Reserved40 40, Spsp0 41, Spsp1 42, Secp 43,
            Tl 44, Reserved48 48
            """),
    ];

    // NVMe/TCP Transport 1.1, 3.6.
    private static LayoutRow[] Tcp =>
    [
        new(typeof(CommonHeader), 8, "PduType 0, Flags 1, Hlen 2, Pdo 3, Plen 4"),
        new(typeof(IcReq), 128, "Ch 0, Pfv 8, Hpda 10, Dgst 11, Maxr2t 12, Reserved16 16"),
        new(typeof(IcResp), 128, "Ch 0, Pfv 8, Cpda 10, Dgst 11, Maxh2cdata 12, Reserved16 16"),
        new(typeof(TermReq), 24, "Ch 0, Fes 8, Fei 10, Reserved14 14"),
        new(typeof(CapsuleCmd), 72, "Ch 0, Sqe 8"),
        new(typeof(CapsuleResp), 24, "Ch 0, Cqe 8"),
        new(typeof(DataPdu), 24, "Ch 0, Cccid 8, Ttag 10, Datao 12, Datal 16, Reserved20 20"),
        new(typeof(R2T), 24, "Ch 0, Cccid 8, Ttag 10, R2to 12, R2tl 16, Reserved20 20"),
    ];
}
