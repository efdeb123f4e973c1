using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emulator.Spdk.Interop;
using Emulator.Wire;

namespace Emulator.Spdk;

/// <summary>
/// The calls that SPDK makes, on its thread. Nothing may be thrown through its frames: what goes wrong faults the device and
/// ends the command with Internal Error.
/// </summary>
public sealed unsafe partial class SpdkTarget
{
    private DeviceFunctions Functions() => new()
    {
        Size = (uint)sizeof(DeviceFunctions),
        Context = (void*)GCHandle.ToIntPtr(_self),
        Connect = &OnConnect,
        Disconnect = &OnDisconnect,
        Submit = &OnSubmit,
        SubmitFused = &OnSubmitFused,
        Poll = &OnPoll,
    };

    private static NativeOutcome InternalError => new SpdkOutcome(Status.InternalError).ToNative();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnConnect(void* context, ulong now, ConnectInfo* info, ulong* queue, NativeOutcome* outcome)
    {
        ISpdkDevice device = Of(context)._device;
        try
        {
            *outcome = device.Connect(now, new SpdkConnect(info), out *queue).ToNative();
        }
        catch (Exception e)
        {
            device.Fault(now, e);
            *outcome = InternalError;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnDisconnect(void* context, ulong now, ulong queue)
    {
        ISpdkDevice device = Of(context)._device;
        try
        {
            device.Disconnect(now, queue);
        }
        catch (Exception e)
        {
            device.Fault(now, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSubmit(void* context, ulong now, ulong queue, NativeCommand* command, NativeOutcome* outcome)
    {
        ISpdkDevice device = Of(context)._device;
        try
        {
            *outcome = device.Submit(now, queue, new SpdkCommand(command)).ToNative();
        }
        catch (Exception e)
        {
            device.Fault(now, e);
            *outcome = InternalError;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSubmitFused(
        void* context, ulong now, ulong queue, NativeCommand* first, NativeCommand* second, NativeOutcome* firstOutcome, NativeOutcome* secondOutcome)
    {
        ISpdkDevice device = Of(context)._device;
        try
        {
            *secondOutcome = device.SubmitFused(now, queue, new SpdkCommand(first), new SpdkCommand(second), out SpdkOutcome outcome).ToNative();
            *firstOutcome = outcome.ToNative();
        }
        catch (Exception e)
        {
            device.Fault(now, e);
            *firstOutcome = *secondOutcome = InternalError;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static uint OnPoll(void* context, ulong now)
    {
        ISpdkDevice device = Of(context)._device;
        try
        {
            return device.Poll(now) ? 1u : 0;
        }
        catch (Exception e)
        {
            device.Fault(now, e);
            return 0;
        }
    }
}
