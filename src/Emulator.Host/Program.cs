using Emulator.Host.Commands;

return await EmulatorCommand.RunAsync(args, Console.Error);
