import type { Surroundings } from '../addon.js';
import { radii, type ContextBlock } from './columns.js';
import { roles, type Role } from './roles.js';

/** Returns what is around the nuclei of a row group under the names of its columns, for the roles that there are. */
export function contextBlock(
  found: Surroundings,
  blockId: Int32Array,
  present: readonly Role[],
): ContextBlock {
  const ofRoles = present.flatMap((role) => {
    const place = roles.indexOf(role);
    return [
      [`nearest_${role}_um`, found.nearest[place]!] as const,
      ...radii.map((radius, r) => [`n_${role}_${radius}um`, found.within[r]![place]!] as const),
    ];
  });
  return {
    ...Object.fromEntries<Float32Array | Int32Array>(ofRoles),
    tissue_edge_um: found.tissueEdge,
    tumour_edge_um: found.tumourEdge,
    gabriel_degree: found.degree,
    gabriel_mean_edge_um: found.meanEdge,
    gabriel_same_class_share: found.sameType,
    alignment_50um: found.alignment,
    aggregate_id: found.aggregate,
    block_id: blockId,
  };
}
