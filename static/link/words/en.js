export const en = {
  skip: 'Skip to content',
  sandboxTitle: 'Simulated network.',
  sandboxText: 'Nothing on this page reaches WhatsApp; WhatsApp’s real page knows nothing of this linking.',
  page: 'Linking with a passkey',
  progress: 'How far the linking is',
  stepScan: 'Code scanned',
  stepPasskey: 'Passkey used on a computer',
  stepPhone: 'Phone went on',
  stepLinked: 'Linked',
  timeLeft: '{time} left',

  checkingTitle: 'Checking',
  checkingDetail: 'Asking the server how this linking stands.',
  requiredTitle: 'Use your passkey on a computer',
  requiredDetail:
    'WhatsApp does not link this device with the code alone. It wants to see the passkey of your WhatsApp account first. There are two ways to show it; choose one.',
  submittingTitle: 'Sending the answer',
  submittingDetail: 'The answer of your passkey is on its way to WhatsApp.',
  awaitingPhoneTitle: 'Look at your phone',
  awaitingPhoneDetail:
    'WhatsApp has taken the answer, but the device is not linked yet. Go on with what WhatsApp shows on the phone, and keep it open.',
  confirmTitle: 'Compare the code',
  confirmDetail: 'The phone shows a code of eight characters. Look whether it is this one.',
  confirmKnownDetail:
    'The phone knows this device by the code that it scanned, and may show none. If it shows one, it has to be this one.',
  finishingTitle: 'Almost linked',
  finishingDetail: 'The phone does the last step. Keep WhatsApp open there.',
  waitingTitle: 'One moment',
  waitingDetail: 'The server is connecting to WhatsApp.',
  linkedTitle: 'Linked',
  linkedDetail: 'The device is linked to your WhatsApp account. You can close this page.',
  overTitle: 'This linking is over',
  overDetail:
    'Go back to where the QR code was shown, get a new code and scan it. If WhatsApp asks for the passkey again, open the new page.',
  overBrowser: 'Nobody used the passkey in time. Get a new QR code, scan it and open the new page.',
  overPhone:
    'The phone did not go on. Either WhatsApp was closed there, or the passkey is one of another account. Get a new QR code, scan it, keep WhatsApp open on the phone, and choose the passkey of this account.',
  overCode: 'The code was not confirmed in time, here or on the phone. Get a new QR code and scan it.',
  overConnection: 'The connection to WhatsApp was lost. Get a new QR code, scan it and open the new page.',
  overStopped: 'You stopped this linking. To try once more, get a new QR code and scan it.',
  incompleteTitle: 'The address is not complete',
  incompleteDetail:
    'The part behind # is missing. Open this page by the link you were given, or copy the whole address.',

  compareTitle: 'Is this the code on the phone?',
  same: 'It is the same',
  different: 'It is not',
  compareHint: 'If it is not, somebody else may be between you and WhatsApp: the linking is stopped then.',

  handheldTitle: 'This seems to be a phone',
  handheldText: 'A phone alone is not enough: open the address of this page on a computer.',
  handheldAddress: 'Address of this page',
  copyAddress: 'Copy the address',
  addressCopied: 'Address copied.',

  beforeTitle: 'Before you begin',
  beforePhone: 'Keep WhatsApp open on the phone, at the screen that came after the scan.',
  beforeComputer: 'Be at a computer with a browser. A phone alone is not enough.',
  beforePasskey: 'Choose the passkey of this WhatsApp account. Another one is taken, but nothing follows.',

  scriptTitle: 'Way 1: copy and paste, nothing to install',
  scriptOpen: 'Open in a new tab, and scan nothing there:',
  scriptConsole: 'Press F12 there and choose “Console”. On a Mac it is ⌥⌘J in Chrome, ⌥⌘K in Firefox.',
  scriptPaste:
    'Copy the script below, paste it there and press Enter. If Chrome asks for it, type “allow pasting” first.',
  scriptUse:
    'Use your passkey. If it is on your phone, choose “phone or tablet”, scan the code of the browser with Bluetooth on, and go back to WhatsApp.',
  scriptBack: 'The answer is copied by itself. Paste it here and send it.',
  scriptLabel: 'Script for the console',
  scriptCopy: 'Copy script',
  scriptCopied: 'Script copied.',
  scriptRenewed: 'WhatsApp has asked anew. Copy the script again: the old one is of no use any more.',
  copyFailed: 'This browser does not let the page copy. The text is selected: press Ctrl+C or ⌘C.',
  answerLabel: 'Answer from the console',
  answerSend: 'Send answer',

  extensionTitle: 'Way 2: the browser extension, one click',
  extensionText:
    'For Chrome, Edge and others of their kind. The extension does by itself what the script does, on WhatsApp’s page only.',
  extensionGet: 'Install it once.',
  extensionDownload: 'Download the extension',
  extensionAsk: 'Whoever runs this server has its file.',
  extensionLoad:
    'Unpack the file, open chrome://extensions, turn on “Developer mode”, press “Load unpacked” and choose the folder.',
  extensionOpen: 'Press the button below, and on WhatsApp’s page “Use passkey”.',
  extensionGo: 'Open WhatsApp Web',
  extensionPlain:
    'The extension cannot be used here: this server is reached without https, and browsers do not let WhatsApp’s page send anything there. Use way 1.',

  whyTitle: 'Why it is like this',
  whyComputer:
    'Browsers show a passkey of WhatsApp only to WhatsApp’s own page, so this page cannot ask for it. The page has to be open in a browser that runs a script or an extension; browsers of phones do neither.',
  whyAccount:
    'The passkey is the one that was made in WhatsApp for this account: it is in the Google Password Manager, in the iCloud Keychain or in your password manager. A passkey that was made elsewhere proves nothing about the account.',
  whyMissing:
    'There is none yet? Make it in WhatsApp on the phone: Settings, Account, Passkeys. Then scan a new code.',

  stop: 'Stop this linking',
  stopTitle: 'Stop this linking?',
  stopText: 'The phone has to scan a new code afterwards.',
  stopYes: 'Stop',
  stopNo: 'Go on',

  unreachable: 'The server does not answer. This page keeps trying.',
  failedNoAnswer: 'This is not the answer. Paste what the script gave: it begins with { and ends with }.',
  failedScript: 'This is the script. Run it in the console of web.whatsapp.com, and paste what it gives.',
  failedPart: 'A part of the answer is missing. Copy it once more, from the first { to the last }.',
  failedNew:
    'A new passkey was made instead of using one. Run the script again and use the passkey you have.',
  failedOld: 'This answer belongs to an older question. Copy the script again and run it once more.',
  failedPlace: 'The passkey was used on another page. Run the script on https://web.whatsapp.com.',
  failedForeign: 'This is not a passkey of WhatsApp. Run the script again and choose the one of WhatsApp.',
  failedUnverified:
    'The passkey did not check who you are. Use one that is unlocked by fingerprint, face or PIN.',
  failedTurn: 'No answer is waited for now: one has come already. Look at the state above.',
  failedRefused:
    'WhatsApp refused this step, and with it the linking is over. Get a new QR code and scan it.',
  failedMany: 'Too many requests. Wait a minute, then try again.',
  failedOther: 'The server said: “{text}”. Try again; if it stays, get a new QR code.',

  consoleWrongPage: 'Run this in the console of https://web.whatsapp.com, not here.',
  consoleNone:
    'No passkey was used: it was cancelled, it took too long, or it is not on this computer. Run the script again; if the passkey is on your phone, choose “phone or tablet”.',
  consoleDone: 'Done. This is the answer; paste it into the page of the linking:',
  consoleCopied: 'It is copied already.',
}
