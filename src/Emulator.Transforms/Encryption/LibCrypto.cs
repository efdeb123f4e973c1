using System.Runtime.InteropServices;
using Emulator.Core;

namespace Emulator.Transforms;

/// <summary>The few calls of OpenSSL's libcrypto that XTS takes; the framework does not offer this mode.</summary>
internal static unsafe partial class LibCrypto
{
    public const string Library = "libcrypto.so.3";

    [LibraryImport(Library, EntryPoint = "EVP_aes_256_xts")]
    public static partial nint Aes256Xts();

    /// <summary>With a key: sets the key. With a tweak: begins a data unit. What is null stays as it was.</summary>
    /// <returns>1, or else it failed.</returns>
    [LibraryImport(Library, EntryPoint = "EVP_CipherInit_ex2")]
    public static partial int Init(nint context, nint cipher, byte* key, byte* tweak, int encrypt, nint parameters);

    /// <returns>1, or else it failed.</returns>
    [LibraryImport(Library, EntryPoint = "EVP_CipherUpdate")]
    public static partial int Update(nint context, byte* target, out int targetBytes, byte* source, int sourceBytes);

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_new")]
    private static partial nint NewContext();

    /// <summary>Clears the key schedule, then frees it.</summary>
    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_free")]
    private static partial void FreeContext(nint context);

    internal sealed class CipherContext : SafeHandle
    {
        public CipherContext()
            : base(0, ownsHandle: true)
        {
            SetHandle(NewContext());
            Check.That(!IsInvalid);
        }

        public nint Pointer => handle;

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeContext(handle);
            return true;
        }
    }
}
