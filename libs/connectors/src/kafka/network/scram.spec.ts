import { ScramExchange } from './scram.ts'

// The exchange of RFC 7677, section 3.
const nonce = 'rOprNGfwEbeRWgbNEkqO'
const serverFirst = `r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`
const exchange = () => new ScramExchange('scram-sha-256', 'user', 'pencil', nonce)

test('client and server show each other that they know the password', async () => {
  const scram = exchange()
  expect(scram.clientFirst()).toBe(`n,,n=user,r=${nonce}`)
  await expect(scram.clientFinal(serverFirst)).resolves.toBe(
    `c=biws,r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
  )
  scram.verify('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
})

test.each(['v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=', 'v=', '', 'e=invalid-proof'])(
  'a server that answers %j is not believed',
  async (serverFinal) => {
    const scram = exchange()
    await scram.clientFinal(serverFirst)
    expect(() => scram.verify(serverFinal)).toThrow()
  },
)

test.each([
  ['another nonce', serverFirst.replace(nonce, 'other')],
  ['no salt', `r=${nonce}x,i=4096`],
  ['a number of rounds that keeps the client busy', serverFirst.replace('4096', '999999999')],
  ['fewer rounds than RFC 7677 wants', serverFirst.replace('4096', '4095')],
  ['no number of rounds', serverFirst.replace('4096', 'many')],
  ['a number of rounds that is not whole', serverFirst.replace('4096', '4096.5')],
  ['nothing of the server’s own in the nonce', `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
])('a first message with %s makes no sense', async (_name, message) => {
  await expect(exchange().clientFinal(message)).rejects.toThrow('makes no sense')
})

test('characters that stand for something are escaped in the user’s name', () => {
  expect(new ScramExchange('scram-sha-512', 'a=b,c', 'x', 'n').clientFirst()).toBe('n,,n=a=3Db=2Cc,r=n')
})
