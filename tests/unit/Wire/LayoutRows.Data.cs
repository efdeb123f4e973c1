using Emulator.Wire;

namespace Emulator.UnitTests.Wire;

public static partial class LayoutRows
{
    // NVM Command Set 1.2, 3.3 and 4.2.1; Base 2.1, chapter 7 and 5.1.25.1.
    private static LayoutRow[] Nvm =>
    [
        new(typeof(DsmRange), 16, "Cattr 0, Llb 4, Slba 8"),
        new(typeof(CopyDescriptor), 32, """
            Reserved0 0, Slba 8, Nlb 16, Cetype 18, Reserved19 19, Cev 20, Reserved22 22, Elbt 24, Elbat 28, Elbatm 30
            """),
        new(typeof(CopyDescriptor2), 32, """
            Snsid 0, Reserved4 4, Slba 8, Nlb 16, Cetype 18, Reserved19 19, Cev 20, Sopt 22, Elbt 24, Elbat 28,
            Elbatm 30
            """),
        new(typeof(LbaStatusHeader), 8, "Nlsd 0, Cmpc 4, Reserved5 5"),
        new(typeof(LbaStatusDescriptor), 16, "Dslba 0, Nlb 8, Reserved12 12, Stas 13, Reserved14 14"),
        new(typeof(ReservationRegisterData), 16, "Crkey 0, Nrkey 8"),
        new(typeof(ReservationAcquireData), 16, "Crkey 0, Prkey 8"),
        new(typeof(ReservationReleaseData), 8, "Crkey 0"),
        new(typeof(ReservationStatus), 24, "Gen 0, Rtype 4, Regstrnt 5, Reserved7 7, Ptpls 9, Reserved10 10"),
        new(typeof(RegisteredController), 24, "Cntlid 0, Rcsts 2, Reserved3 3, Hostid 8, Rkey 16"),
        new(typeof(ReservationStatusExtended), 64, "Gen 0, Rtype 4, Regstrnt 5, Reserved7 7, Ptpls 9, Reserved10 10"),
        new(typeof(RegisteredControllerExtended), 64,
            "Cntlid 0, Rcsts 2, Reserved3 3, Rkey 8, Hostid 16, Reserved32 32"),
        new(typeof(HostBehaviorSupport), 512, "Acre 0, Etdas 1, Lbafee 2, Hdisns 3, Cdfe 4, Reserved6 6"),
        new(typeof(Timestamp), 8, "Tstmp 0, Tstmps 6, Reserved7 7"),
        new(typeof(IdentifyDirectiveParameters), 4096, """
            Dirs 0, Reserved4 4, Dire 32, Reserved36 36, Dirclr 64, Reserved68 68, Reserved96 96
            """),
        new(typeof(StreamsParameters), 32, """
            Msl 0, Nssa 2, Nsso 4, Nssc 6, Reserved7 7, Sws 16, Sgs 20, Nsa 22, Nso 24, Reserved26 26
            """),
    ];

    // The vendor command set, VM Migration Assist 1.0.
    private static LayoutRow[] Vendor =>
    [
        new(typeof(VmasSupport), 64, """
            Signature 0, Version 4, StructureSize 6, Capabilities 8, FirstFeature 12, FirstLogPage 13, Reserved14 14,
            TrackingGranule 16, MaximumRanges 20, Snapshots 24, ActiveMigrations 28, Reserved32 32
            """),
        new(typeof(VmMigrationStatus), 256, """
            Version 0, Target 2, Flags 4, Phase 8, Threshold 12, GranulesWritten 16, GranulesDirty 24, Round 32,
            GranulesPrefetched 40, ReadsPrefetched 48, BytesRetained 56, BytesRetainable 64, BytesCached 72, BytesDirty 80,
            PagesHit 88, PagesMissed 96, RetainedPagesRead 104, RetainedPagesDropped 112, CacheBytes 120,
            PagesErased 128, PagesLeft 136, Medium 144, IsConnected 160, Reserved162 162,
            IoCommands 168, BytesWritten 176, IoNanoseconds 184,
            WriteLimit 192, CommandsHeld 200, CommandsHeldInAll 208, NanosecondsHeld 216, CommandsFenced 224, Reserved232 232
            """),
        new(typeof(RangeListHeader), 64, """
            Version 0, Target 2, Flags 4, Generation 8, Round 16, Ranges 24, Blocks 32, Granule 40, EntrySize 44,
            Reserved48 48
            """),
        new(typeof(RangeListEntry), 32, "Slba 0, Blocks 8, Nsid 16, Flags 20, Reserved24 24"),
        new(typeof(StateContainerHeader), 64, """
            Magic 0, Version 4, Flags 6, TotalBytes 8, Generation 16, Target 24, Sections 26, PayloadCrc 28,
            DeviceUuid 32, BaseGeneration 48, Reserved56 56, HeaderCrc 60
            """),
        new(typeof(SnapshotListHeader), 64, """
            Version 0, Target 2, Limit 4, Snapshots 8, Entries 12, BytesLeft 16, Reserved24 24, Reserved40 40, EntrySize 44,
            Reserved48 48
            """),
        new(typeof(SnapshotListEntry), 64, """
            Id 0, Flags 2, Nsid 4, Created 8, Blocks 16, BlockBytes 24, Reserved28 28, BytesHeld 32, Reserved40 40, Nguid 48
            """),
        new(typeof(StoredPageHeader), 64, """
            Page 0, Pages 8, Form 12, Flags 14, Length 16, ParityLength 20, Crc 24, Reserved28 28, KeyIdentifier 32,
            Reserved48 48
            """),
        new(typeof(StoredFormSupport), 32, """
            Signature 0, Version 4, Compression 5, Encryption 6, CorrectedBits 7, Reserved8 8, KeyIdentifier 16
            """),
        new(typeof(StateSectionHeader), 8, "Type 0, Version 2, Length 4"),
        new(typeof(StateAttributeHeader), 16, "Type 0, Flags 2, Length 4, Key 8"),
        new(typeof(TransportLimits), 32, """
            KeepAliveMilliseconds 0, GrantedIoQueues 4, MaxIoQueues 6, MaxQueueEntries 8, InCapsuleBytes 12,
            MaxTransferBytes 16, Reserved20 20
            """),
        new(typeof(TransportQueueState), 32, """
            QueueId 0, Entries 2, TransportType 4, Flags 5, HostAlignment 6, ControllerAlignment 7, MaxHostData 8,
            Reserved12 12, Reserved16 16
            """),
        new(typeof(ControllerRegisters), 64, """
            Cap 0, Vs 8, Cc 12, Csts 16, Cntlid 20, Reserved22 22, HostId 24, Reserved40 40
            """),
        new(typeof(FeatureValue), 16, "Current 0, Saved 4, Flags 8, Reserved12 12"),
        new(typeof(NamespaceState), 64, """
            Nsid 0, BlockShift 4, Flags 5, Reserved6 6, Blocks 8, Nguid 16, Uuid 32, Eui64 48, Reserved56 56
            """),
        new(typeof(ReservationState), 32, "Generation 0, Type 4, Flags 5, Registrants 6, Reserved8 8, Holder 16"),
        new(typeof(ReservationRegistrant), 24, "HostId 0, Key 16"),
        new(typeof(StreamsState), 8, "Flags 0, Allocated 2, Open 4, Reserved6 6"),
        new(typeof(HealthCounters), 64, """
            BytesRead 0, BytesWritten 8, ReadCommands 16, WriteCommands 24, MediaErrors 32, ErrorLogEntries 40,
            Reserved48 48
            """),
        new(typeof(ActivityState), 64, """
            Granule 0, Threshold 4, Flags 8, Reserved12 12, GranulesWritten 16, ReadCommands 24, WriteCommands 32,
            BytesRead 40, BytesWritten 48, Reserved56 56
            """),
        new(typeof(CacheSettingsState), 32, """
            CacheBytes 0, Mode 8, Policy 9, Flags 10, Reserved11 11, MaxStreams 12, Reserved16 16
            """),
        new(typeof(StateSetHeader), 8, "Form 0, Reserved1 1, Units 4"),
        new(typeof(StateSetRun), 8, "First 0, Count 4"),
        new(typeof(PlacementRun), 12, "First 0, Count 4, Stream 8"),
        new(typeof(DirectTransferRequest), 1024, """
            Version 0, StructureSize 2, Mode 4, Form 5, Trtype 6, Adrfam 7, TargetThere 8, Snapshot 10, Flags 12,
            BytesPerSecond 16, Queues 24, SharePercent 25, Depth 26, CommandBytes 28, ConvergedBytes 32, ReconnectSeconds 40,
            ChecksumShift 44, Scheme 45, FallBack 46, Reserved47 47, Hostid 48, Trsvcid 64, Traddr 96, Subnqn 352, Hostnqn 608,
            Secret 864, Reserved976 976, PendingThreshold 1000, PendingDelay 1004, MostRounds 1008, StableRounds 1010,
            StablePercent 1011, Reserved1012 1012
            """),
        new(typeof(DirectTransferProgress), 512, """
            Version 0, Target 2, Phase 4, Mode 5, Form 6, State 7, Reason 8, PeerStatus 10, ConnectionsLost 12, Round 16,
            BytesDone 24, BytesToDo 32, BytesDirty 40, BytesPerSecond 48, BytesSent 56, BytesZeroed 64, BytesRepeated 72,
            BytesEqual 80, StateBytes 88, Commands 96, BlocksUnreadable 104, FirstPassBytes 112, Microseconds 120,
            FirstPassMicroseconds 128, BlackoutMicroseconds 136, YieldedMicroseconds 144, ControllerThere 152,
            Scheme 154, SharePercent 155, Reserved156 156, Text 160, Requests 256, BytesWritten 264, BytesWrittenToCopied 272, BytesToSource 280,
            BytesToDestination 288, BytesReadAtDestination 296, BytesCopied 304, BytesSkipped 312, BytesMerged 320,
            RequestsDeferred 328, Delays 336, MostPending 344, LogBytes 352, BytesRestored 360, RequestsBefore 368,
            MicrosecondsBefore 376, SchemeMicroseconds 384, BestCopyBytesPerSecond 392, Penalty 400, TimeFactor 404,
            WearOut 408, Reserved412 412
            """),
    ];
}
