export const en = {
  address: 'Address that receives events',
  addressHint: 'Empty for none. Events are repeated until the address answers with a status of 2xx.',
  save: 'Save',
  saved: 'Saved. New events go there from now on.',
  savedWithoutAddress: 'Saved. No webhook is called.',
  savedWithoutEvents: 'Saved. Nothing is sent until you choose events.',
  sendTest: 'Send a test event',
  testSent: 'A test event is on its way.',
  testNowhere: 'There is nowhere to send it. Enter an address and save it first.',
  seeDelivery: 'See its delivery',
}
