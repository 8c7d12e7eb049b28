// Starts `omegac lsp` for Omega files, and ends it with the editor.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
  const settings = workspace.getConfiguration("omega");
  const [command, ...args] = settings.get("command");
  client = new LanguageClient(
    "omega",
    "Omega Lisp",
    { command, args },
    {
      documentSelector: [{ language: "omega" }],
      initializationOptions: { checkPage: settings.get("checkPage") || undefined },
      synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*.omega") },
    },
  );
  return client.start();
};

exports.deactivate = () => client?.stop();
