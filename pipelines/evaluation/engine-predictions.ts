import { type ClassSet, unclassified } from '../../src/evaluation/classes.js';
import { labelMap } from '../../src/evaluation/label-map.js';
import { sized } from '../../src/evaluation/labels/source.js';
import type { Predictions } from '../../src/evaluation/test-set.js';
import type { Engine } from '../engine/engine.js';
import { predictField } from '../field/predict-field.js';

/**
 * Returns the product's own predictions for fields with images, without the nuclei that are set aside.
 * @param classes class set in which the names of the card's classes are looked up
 * @param mpp micrometres per pixel of the images; by default what their files say
 * @throws HoverslideError `input` if the set does not have a class of the card
 */
export function enginePredictions(engine: Engine, classes: ClassSet, mpp: number | undefined): Predictions {
  const { card } = engine.model;
  const model = `${card.name} ${card.version}`;
  const ids = new Map(
    card.classes.map(({ id, name }) => [id, id === 0 ? unclassified : classes.byName(name, model)]),
  );
  return {
    name: card.name,
    note: `${model} was trained on: ${card.training}`,
    classes,
    of: async (field) => {
      const { width, instances, types, qualities } = await field.image!.withFile((file) =>
        predictField(file, engine, mpp),
      );
      const good = instances.map((label) => (label > 0 && qualities[label - 1] === 'ok' ? label : 0));
      const ofLabel = new Map(Array.from(types, (type, k) => [k + 1, ids.get(type)!]));
      return { source: sized(labelMap(`${model} on ${field.name}`, width, good, ofLabel)) };
    },
  };
}
