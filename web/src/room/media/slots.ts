// Who is in which slot, as the server says; tiles look up their slot here.

import type { PersonId } from '../../generated/PersonId';
import type { Slot } from '../../generated/Slot';
import type { SlotAssignment } from '../../generated/SlotAssignment';
import type { SlotKind } from '../../generated/SlotKind';
import type { Source } from '../../generated/Source';

/** What a slot carries now. */
export interface Binding {
  readonly slot: number;
  readonly mid: string;
  readonly kind: SlotKind;
  readonly person: PersonId;
  readonly source: Source;
  readonly csrc: number;
}

export class SlotTable {
  readonly #slots: ReadonlyMap<number, Slot>;
  readonly #bound = new Map<number, Binding>();

  constructor(slots: readonly Slot[]) {
    this.#slots = new Map(slots.map((slot) => [slot.slot, slot]));
  }

  /** Takes the changed slots over. What is unknown or incomplete empties its slot: nobody is shown in doubt. */
  assign(changes: readonly SlotAssignment[]): void {
    for (const { slot, person, source, csrc } of changes) {
      const known = this.#slots.get(slot);
      if (!known || person === null || source === null || csrc === null) this.#bound.delete(slot);
      else this.#bound.set(slot, { slot, mid: known.mid, kind: known.kind, person, source, csrc });
    }
  }

  /** Where a person's source is received; null while it is not. */
  find(person: PersonId, source: Source): Binding | null {
    for (const binding of this.#bound.values()) {
      if (binding.person === person && binding.source === source) return binding;
    }
    return null;
  }

  at(slot: number): Binding | null {
    return this.#bound.get(slot) ?? null;
  }

  get all(): readonly Slot[] {
    return [...this.#slots.values()];
  }
}
