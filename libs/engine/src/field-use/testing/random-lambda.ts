import fc from 'fast-check'

const fieldNames = ['a', 'b', 'c', 'length', 'at', 'toString', '__proto__', 'constructor'] as const
/** Those that lambdas mostly ask for come first, and more often. */
const askedNames = [...Array(4).fill(['a', 'b', 'c']).flat(), ...fieldNames] as readonly string[]

const leaf = fc.constantFrom<unknown>(null, true, false, 0, 1, -2.5, '', 'a', 'b a', [], [1, 'a', null])

/** JSON of few names, so that lambdas often find what they ask for. */
export const anyRecord: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  object: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...askedNames), tie('value')), { selector: ([name]) => name, maxLength: 4 })
    // As JSON.parse does, which makes even __proto__ a field.
    .map((entries) => Object.fromEntries(entries)),
  value: fc.oneof({ depthSize: 'small', maxDepth: 4 }, leaf, tie('object'), fc.array(tie('value'), { maxLength: 3 })),
})).object

/** Texts of lambdas of one parameter: many are strange, and most run. */
export const anyLambda: fc.Arbitrary<string> = fc
  .array(fc.nat(0xffff), { minLength: 10, maxLength: 120 })
  .map((choices) => new LambdaWriter(choices).lambda())

class LambdaWriter {
  readonly #choices: readonly number[]
  readonly #names: string[] = []
  #at = 0
  #made = 0

  constructor(choices: readonly number[]) {
    this.#choices = choices
  }

  lambda(): string {
    const parameter = this.#pattern()
    const body = this.#one(
      () => `(${this.#expression(4)})`,
      () => `{ ${this.#statements(2)} }`,
    )
    return `(${parameter}) => ${body}`
  }

  #choice(of: number): number {
    return (this.#choices[this.#at++] ?? 0) % of
  }

  #one(...makers: (() => string)[]): string {
    return makers[this.#choice(makers.length)]()
  }

  #field(): string {
    return askedNames[this.#choice(askedNames.length)]
  }

  #newName(): string {
    // Now and then one that is taken, so that it shadows.
    const name = this.#choice(5) === 0 && this.#names.length > 0 ? this.#known() : `v${this.#made++}`
    this.#names.push(name)
    return name
  }

  #known(): string {
    return this.#names[this.#choice(this.#names.length)] ?? 'free'
  }

  #pattern(): string {
    const name = () => this.#newName()
    return this.#one(
      name,
      name,
      () => `{ ${this.#field()}: ${name()}, ${this.#field()}: ${name()} }`,
      () => `{ ${this.#field()}: { ${this.#field()}: ${name()} } }`,
      () => `{ ${this.#field()}: ${name()}, ...${name()} }`,
      () => `{ ${this.#field()}: ${name()} = 'a' }`,
      () => `{ ['a']: ${name()} }`,
    )
  }

  #statements(depth: number): string {
    return Array.from({ length: 1 + this.#choice(4) }, () => this.#statement(depth)).join('; ')
  }

  #statement(depth: number): string {
    const expression = () => this.#expression(3)
    const inner = () => (depth > 0 ? this.#statements(depth - 1) : expression())
    return this.#one(
      () => `return ${expression()}`,
      () => `return ${expression()}`,
      () => `const ${this.#pattern()} = ${expression()}`,
      () => `const ${this.#pattern()} = ${expression()}`,
      () => `let ${this.#newName()} = ${expression()}`,
      () => `var ${this.#newName()} = ${expression()}`,
      () => `if (${expression()}) { ${inner()} } else { ${inner()} }`,
      () => `if (${expression()}) return ${expression()}`,
      () => `for (const ${this.#pattern()} of [${expression()}, ${expression()}]) { ${inner()} }`,
      () => `for (const ${this.#newName()} of ${expression()}) { ${inner()} }`,
      () => `switch (${expression()}) { case ${expression()}: ${inner()}; break; default: ${inner()} }`,
      () => `try { ${inner()} } catch (${this.#newName()}) { ${inner()} }`,
      () => `const ${this.#newName()} = () => ${expression()}`,
      () => `function ${this.#newName()}(${this.#newName()}) { ${inner()} }`,
      () => `${this.#known()} = ${expression()}`,
      () => this.#calledBeforeItsConstants(),
      expression,
    )
  }

  /** A function that uses a name which is declared after it. */
  #calledBeforeItsConstants(): string {
    const record = this.#chain()
    const [called, late] = [this.#newName(), this.#newName()]
    return `const ${called} = () => ${late}.${this.#field()}; const ${late} = ${record}; return ${called}()`
  }

  #expression(depth: number): string {
    if (depth === 0 || this.#choice(3) === 0) return this.#chain()
    const inner = () => this.#expression(depth - 1)
    return this.#one(
      () => this.#chain(),
      () => `${this.#chain()}.${this.#field()}`,
      () => `(${inner()}).${this.#field()}`,
      () => `(${inner()})?.${this.#field()}?.${this.#field()}`,
      () => `(${inner()} ?? ${inner()})`,
      () => `(${inner()} && ${inner()})`,
      () => `(${inner()} || ${inner()})`,
      () => `(${inner()} ? ${inner()} : ${inner()})`,
      () => `(${inner()}, ${inner()})`,
      () => `!${inner()}`,
      () => `typeof ${inner()}`,
      () => `(${inner()} === null)`,
      () => `(undefined != ${inner()})`,
      () => `(${inner()} === ${inner()})`,
      () => `(${inner()} == 'a')`,
      () => `(${inner()} + 1)`,
      () => `-${inner()}`,
      () => `('a' in ${inner()})`,
      () => `\`<\${${inner()}}>\``,
      () => `[${inner()}, ...[${inner()}]]`,
      () => `({ a: ${inner()}, x: ${inner()} })`,
      () => `({ b: ${inner()}, ['a']: ${inner()} })`,
      () => `({ ...${inner()}, x: 1 })`,
      () => `({ get a() { return ${inner()} }, f() { return this } })`,
      () => `String(${inner()})`,
      () => `JSON.stringify(${inner()})`,
      () => `Object.keys(${inner()})`,
      () => `(${inner()}).toString()`,
      () => `(${inner()}).slice(1)`,
      () => `(${inner()})?.length`,
      () => `(${inner()})[${inner()}]`,
      () => `(${inner()})['${this.#field()}']`,
      () => `(${inner()})[0]`,
      () => `(() => ${inner()})()`,
      () => this.#called(inner),
    )
  }

  #called(inner: () => string): string {
    const argument = inner()
    const name = this.#newName()
    return `((${name}) => ${inner()})(${argument})`
  }

  #chain(): string {
    const names = Array.from(
      { length: this.#choice(3) },
      () =>
        `${this.#one(
          () => '.',
          () => '?.',
        )}${this.#field()}`,
    )
    return `${this.#known()}${names.join('')}`
  }
}
