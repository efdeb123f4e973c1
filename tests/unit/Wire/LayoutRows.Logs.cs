using Emulator.Wire;

namespace Emulator.UnitTests.Wire;

public static partial class LayoutRows
{
    // Base 2.1, 5.1.12, and NVM Command Set 1.2, 4.1.4.
    private static LayoutRow[] Logs =>
    [
        new(typeof(SupportedLogPages), 1024, "Lids 0"),
        new(typeof(ErrorInformationEntry), 64, """
            Ecnt 0, Sqid 8, Cid 10, Sts 12, Pel 14, Lba 16, Nsid 24, Vsia 28, Trtype 29, Csi 30, Opc 31, Csinfo 32,
            Ttsi 40, Reserved42 42, Lpver 63
            """),
        new(typeof(SmartHealth), 512, """
            Cw 0, Ctemp 1, Avsp 3, Avspt 4, Pused 5, Egcws 6, Reserved7 7, Dur 32, Duw 48, Hrc 64, Hwc 80, Cbt 96,
            Pwrc 112, Poh 128, Upl 144, Mdie 160, Neile 176, Wctt 192, Cctt 196, Tsen 200, Tmt1tc 216, Tmt2tc 220,
            Tttmt1 224, Tttmt2 228, Reserved232 232
            """),
        new(typeof(FirmwareSlotInformation), 512, "Afi 0, Reserved1 1, Frs 8, Reserved64 64"),
        new(typeof(CommandsSupportedAndEffects), 4096, "Acs 0, Iocs 1024, Reserved2048 2048"),
        new(typeof(FeatureIdEffects), 1024, "Fids 0"),
        new(typeof(SelfTestLog), 564, "Cdsto 0, Cdstc 1, Reserved2 2, Rds 4"),
        new(typeof(SelfTestResult), 28,
            "Dsts 0, Segn 1, Vdinfo 2, Reserved3 3, Poh 4, Nsid 12, Flba 16, Stct 24, Stc 25, Vs 26"),
        new(typeof(AnaLogHeader), 16, "Chgc 0, Nagd 8, Reserved10 10"),
        new(typeof(AnaGroupDescriptor), 32, "Agid 0, Nnv 4, Chgc 8, Anasa 16, Reserved17 17"),
        new(typeof(PersistentEventLogHeader), 512, """
            Lid 0, Reserved1 1, Tnev 4, Tll 8, Lrev 16, Reserved17 17, Lhl 18, Tstmp 20, Poh 28, Pwrcc 44, Vid 52,
            Ssvid 54, Sn 56, Mn 76, Subnqn 116, Gnum 372, Rci 374, Reserved378 378, Seb 480
            """),
        new(typeof(PersistentEventHeader), 24,
            "Et 0, Etr 1, Ehl 2, Ehai 3, Cntlid 4, Etstp 6, Pelpid 14, Reserved16 16, Vsil 20, El 22"),
        new(typeof(FirmwareCommitEvent), 22, "Ofr 0, Nfr 8, Fca 16, Fslt 17, Stctfcc 18, Srfcc 19, Vafcrc 20"),
        new(typeof(TimestampChangeEvent), 16, "Ptstp 0, Msr 8"),
        new(typeof(PowerOnOrResetEvent), 8, "Frev 0"),
        new(typeof(ControllerResetInformation), 36,
            "Cntlid 0, Fa 2, Oip 3, Reserved4 4, Cpwrc 16, Pom 20, Ctstp 28"),
        new(typeof(HardwareErrorEvent), 4, "Nsheec 0, Reserved2 2"),
        new(typeof(ChangeNamespaceEvent), 48, """
            Nmcdw10 0, Reserved4 4, Nsze 8, Reserved16 16, Ncap 24, Flbas 32, Dps 33, Nmic 34, Reserved35 35,
            Anagrpid 36, Nvmsetid 40, Endgid 42, Nsid 44
            """),
        new(typeof(FormatStartEvent), 12, "Nsid 0, Fna 4, Reserved5 5, Fmcdw10 8"),
        new(typeof(FormatCompletionEvent), 12, "Nsid 0, Sfpi 4, Fnvms 5, Cinfo 6, Info 8, Reserved10 10"),
        new(typeof(SanitizeStartEvent), 12, "Sanicap 0, Scdw10 4, Scdw11 8"),
        new(typeof(SanitizeCompletionEvent), 8, "Sprog 0, Sstat 2, Cinfo 4, Reserved6 6"),
        new(typeof(SetFeatureEvent), 4, "Sfel 0"),
        new(typeof(ThermalExcursionEvent), 2, "Otmp 0, Thresh 1"),
        new(typeof(DiscoveryLogHeader), 1024,
            "Genctr 0, Numrec 8, Recfmt 16, Dlpf 18, Reserved19 19, Tdlpl 20, Reserved24 24"),
        new(typeof(DiscoveryLogEntry), 1024, """
            Trtype 0, Adrfam 1, Subtype 2, Treq 3, Portid 4, Cntlid 6, Asqsz 8, Eflags 10, Reserved12 12, Trsvcid 32,
            Reserved64 64, Subnqn 256, Traddr 512, Tsas 768
            """),
        new(typeof(ReservationNotification), 64, "Lpc 0, Rnlpt 8, Nalp 9, Reserved10 10, Nsid 12, Reserved16 16"),
        new(typeof(SanitizeStatus), 512, """
            Sprog 0, Sstat 2, Scdw10 4, Eto 8, Etbe 12, Etce 16, Etodmm 20, Etbenmm 24, Etcenmm 28, Etpvds 32, Ssi 36,
            Reserved37 37
            """),
        new(typeof(LbaStatusInformationHeader), 16, "Lslplen 0, Nlslne 4, Estulb 8, Reserved12 12, Lsgc 14"),
        new(typeof(LbaStatusNamespaceElement), 16, "Neid 0, Nlrd 4, Ratype 8, Reserved9 9"),
        new(typeof(LbaStatusRangeDescriptor), 16, "Rslba 0, Rnlb 8, Reserved12 12"),
    ];
}
