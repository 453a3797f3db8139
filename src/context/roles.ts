import { roles, type Role } from '../model/card.js';

export { roles, type Role };

/** In an array of roles: a nucleus whose class has none, as the unclassified ones. */
export const noRole = 255;

interface ClassWithRole {
  readonly id: number;
  readonly role?: Role | undefined;
}

/** Returns the place in `roles` of each class id, 256 entries; `noRole` for a class without a role. */
export function rolesById(classes: readonly ClassWithRole[]): Uint8Array {
  const byId = new Uint8Array(256).fill(noRole);
  for (const { id, role } of classes) if (role !== undefined) byId[id] = roles.indexOf(role);
  return byId;
}

/** Lists the roles that classes of a model have, in the order of `roles`. */
export function rolesOf(classes: readonly ClassWithRole[]): Role[] {
  return roles.filter((role) => classes.some((each) => each.role === role));
}
