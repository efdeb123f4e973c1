namespace Emulator.Wire;

/// <summary>Directive types (Base 2.1, 8.1.8): DTYPE of Directive Send and Receive and of commands that write.</summary>
public enum DirectiveType : byte
{
    Identify = 0x00,
    Streams = 0x01,
    DataPlacement = 0x02,
    VendorSpecific = 0x0F,
}

/// <summary>DOPER of Directive Receive with the Identify directive (Base 2.1, 8.1.8.2.1).</summary>
public enum IdentifyReceiveOperation : byte
{
    ReturnParameters = 0x01,
}

/// <summary>DOPER of Directive Send with the Identify directive (Base 2.1, 8.1.8.2.2).</summary>
public enum IdentifySendOperation : byte
{
    EnableDirective = 0x01,
}

/// <summary>DOPER of Directive Receive with the Streams directive (Base 2.1, 8.1.8.3.1).</summary>
public enum StreamsReceiveOperation : byte
{
    ReturnParameters = 0x01,
    GetStatus = 0x02,
    AllocateResources = 0x03,
}

/// <summary>DOPER of Directive Send with the Streams directive (Base 2.1, 8.1.8.3.2).</summary>
public enum StreamsSendOperation : byte
{
    ReleaseIdentifier = 0x01,
    ReleaseResources = 0x02,
}
