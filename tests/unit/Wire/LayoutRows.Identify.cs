using Emulator.Wire;

namespace Emulator.UnitTests.Wire;

public static partial class LayoutRows
{
    // Base 2.1, 5.1.13, and NVM Command Set 1.2, 4.1.5.
    private static LayoutRow[] Identify =>
    [
        new(typeof(IdentifyController), 4096, """
            Vid 0, Ssvid 2, Sn 4, Mn 24, Fr 64, Rab 72, Ieee 73, Cmic 76, Mdts 77, Cntlid 78, Ver 80, Rtd3r 84,
            Rtd3e 88, Oaes 92, Ctratt 96, Rrls 100, Bpcap 102, Reserved103 103, Nssl 104, Reserved108 108, Plsi 110,
            Cntrltype 111, Fguid 112, Crdt1 128, Crdt2 130, Crdt3 132, Crcap 134, Reserved135 135, Nvmsr 253,
            Vwci 254, Mec 255, Oacs 256, Acl 258, Aerl 259, Frmw 260, Lpa 261, Elpe 262, Npss 263, Avscc 264,
            Apsta 265, Wctemp 266, Cctemp 268, Mtfa 270, Hmpre 272, Hmmin 276, Tnvmcap 280, Unvmcap 296, Rpmbs 312,
            Edstt 316, Dsto 318, Fwug 319, Kas 320, Hctma 322, Mntmt 324, Mxtmt 326, Sanicap 328, Hmminds 332,
            Hmmaxd 336, Nsetidmax 338, Endgidmax 340, Anatt 342, Anacap 343, Anagrpmax 344, Nanagrpid 348, Pels 352,
            Did 356, Kpioc 358, Reserved359 359, Mptfawr 360, Reserved362 362, Megcap 368, Tmpthha 384,
            Reserved385 385, Cqt 386, Reserved388 388, Sqes 512, Cqes 513, Maxcmd 514, Nn 516, Oncs 520, Fuses 522,
            Fna 524, Vwc 525, Awun 526, Awupf 528, Icsvscc 530, Nwpc 531, Acwu 532, Cdfs 534, Sgls 536, Mnan 540,
            Maxdna 544, Maxcna 560, Oaqd 564, Rhiri 568, Hirt 569, Cmmrtd 570, Nmmrtd 572, Minmrtg 574, Maxmrtg 575,
            Trattr 576, Reserved577 577, Mcudmq 578, Mnsudmq 580, Mcmr 582, Nmcmr 584, Mcdqpc 586, Reserved588 588,
            Subnqn 768, Reserved1024 1024, Ioccsz 1792, Iorcsz 1796, Icdoff 1800, Fcatt 1802, Msdbd 1803, Ofcs 1804,
            Dctype 1806, Reserved1807 1807, Psd 2048, Vmas 3072, Vs 3136
            """),
        new(typeof(PowerStateDescriptor), 32, """
            Mp 0, Reserved2 2, Flags 3, Enlat 4, Exlat 8, Rrt 12, Rrl 13, Rwt 14, Rwl 15, Idlp 16, Ips 18,
            Reserved19 19, Actp 20, Apws 22, Epfrt 23, Fqvt 24, Epfvt 25, Epfrfqvts 26, Epfvts 27, Reserved28 28
            """),
        new(typeof(IdentifyNamespace), 4096, """
            Nsze 0, Ncap 8, Nuse 16, Nsfeat 24, Nlbaf 25, Flbas 26, Mc 27, Dpc 28, Dps 29, Nmic 30, Rescap 31, Fpi 32,
            Dlfeat 33, Nawun 34, Nawupf 36, Nacwu 38, Nabsn 40, Nabo 42, Nabspf 44, Noiob 46, Nvmcap 48, Npwg 64,
            Npwa 66, Npdg 68, Npda 70, Nows 72, Mssrl 74, Mcl 76, Msrc 80, Kpios 81, Nulbaf 82, Reserved83 83,
            Kpiodaag 84, Reserved88 88, Anagrpid 92, Reserved96 96, Nsattr 99, Nvmsetid 100, Endgid 102, Nguid 104,
            Eui64 120, Lbaf 128, Vs 384
            """),
        new(typeof(LbaFormat), 4, "Ms 0, Lbads 2, Rp 3"),
        new(typeof(IdentifyIndependentNamespace), 4096, """
            Nsfeat 0, Nmic 1, Rescap 2, Fpi 3, Anagrpid 4, Nsattr 8, Reserved9 9, Nvmsetid 10, Endgid 12, Nstat 14,
            Kpios 15, Maxkt 16, Reserved18 18, Rgrpid 20, Reserved24 24
            """),
        new(typeof(IdentifyNvmController), 4096, """
            Vsl 0, Wzsl 1, Wusl 2, Dmrl 3, Dmrsl 4, Dmsl 8, Kpiocap 16, Wzdsl 17, Aocs 18, Ver 20, Lbamqf 24,
            Reserved25 25
            """),
        new(typeof(IdentifyNvmNamespace), 4096, """
            Lbstm 0, Pic 8, Pifa 9, Reserved10 10, Elbaf 12, Npdgl 268, Nprg 272, Npra 276, Nors 280, Npdal 284,
            Lbapss 288, Tlbaag 292, Reserved296 296
            """),
        new(typeof(NamespaceIdDescriptor), 4, "Nidt 0, Nidl 1, Reserved2 2"),
        new(typeof(UuidListEntry), 32, "Uleh 0, Reserved1 1, Uuid 16"),
        new(typeof(NamespaceGranularityList), 4096, "Nga 0, Nd 4, Reserved5 5, Ngd 32, Reserved1056 1056"),
        new(typeof(NamespaceGranularityDescriptor), 16, "Nsg 0, Ncg 8"),
        new(typeof(NamespaceManagementData), 4096, """
            Nsze 0, Ncap 8, Reserved16 16, Flbas 26, Reserved27 27, Dps 29, Nmic 30, Reserved31 31, Anagrpid 92,
            Reserved96 96, Nvmsetid 100, Endgid 102, Reserved104 104, Lbstm 384, Nphndls 392, Reserved394 394,
            Phndl 512, Reserved768 768
            """),
    ];
}
