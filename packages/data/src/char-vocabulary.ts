import { GradwireError } from '@gradwire/tensor';

/** Characters (Unicode code points) as numbers: each one's place in the vocabulary. */
export class CharVocabulary {
  readonly characters: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  /** The vocabulary of exactly these characters, in this order; repeated ones count once. */
  constructor(characters: Iterable<string>) {
    this.characters = [...new Set(characters)];
    this.#ids = new Map(this.characters.map((character, id) => [character, id]));
  }

  /** The characters that occur in a text, in the order of their code points. */
  static ofText(text: string): CharVocabulary {
    return new CharVocabulary([...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!));
  }

  /** The line end and the 95 printable characters of ASCII. */
  static ascii(): CharVocabulary {
    return new CharVocabulary(['\n', ...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))]);
  }

  get size(): number {
    return this.characters.length;
  }

  /** Throws GradwireError ERR_VOCABULARY at a character that is not in it. */
  encode(text: string): Int32Array {
    return Int32Array.from([...text].map((character, i) => this.#ids.get(character) ?? this.#missing(character, i)));
  }

  /** Throws GradwireError ERR_VOCABULARY at a number that stands for no character. */
  decode(ids: Iterable<number>): string {
    return Array.from(ids, (id) => this.characters[id] ?? this.#noSuchId(id)).join('');
  }

  #missing(character: string, at: number): never {
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    throw new GradwireError(
      'ERR_VOCABULARY',
      `CharVocabulary: character ${at} of the text, ${JSON.stringify(character)} (U+${code}), is not one of its ` +
        `${this.size}; make the vocabulary with CharVocabulary.ofText(text)`,
    );
  }

  #noSuchId(id: number): never {
    throw new GradwireError('ERR_VOCABULARY', `CharVocabulary: ${id} is not one of 0 to ${this.size - 1}`);
  }
}
