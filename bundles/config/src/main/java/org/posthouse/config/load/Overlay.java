// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.configuration2.BaseHierarchicalConfiguration;
import org.apache.commons.configuration2.CombinedConfiguration;
import org.apache.commons.configuration2.tree.ImmutableNode;
import org.apache.commons.configuration2.tree.NodeCombiner;

/**
 * Lays one node tree over another: sections are joined, everything else is replaced whole.
 *
 * <p>Unlike Commons Configuration's {@code OverrideCombiner} it keeps the order of the tree below (the order of
 * listeners and routes means something), replaces lists as one value, and lets a null hide a section.
 */
final class Overlay extends NodeCombiner {
    private Overlay() {}

    /** The trees laid over each other, the last on top. */
    static ImmutableNode merge(List<ImmutableNode> layers) {
        CombinedConfiguration combined = new CombinedConfiguration(new Overlay());
        for (ImmutableNode layer : layers) {
            BaseHierarchicalConfiguration configuration = new BaseHierarchicalConfiguration();
            configuration.getNodeModel().setRootNode(layer);
            combined.addConfiguration(configuration);
        }
        return combined.getNodeModel().getInMemoryRepresentation();
    }

    /** The combination of two nodes; the combined configuration gives the earlier one first. */
    @Override
    public ImmutableNode combine(ImmutableNode below, ImmutableNode above) {
        if (below.getValue() != null || above.getValue() != null) {
            return above;
        }
        Map<String, ImmutableNode> children = new LinkedHashMap<>();
        below.forEach(child -> children.put(child.getNodeName(), child));
        above.forEach(child -> children.merge(child.getNodeName(), child, this::combine));
        return new ImmutableNode.Builder()
                .name(above.getNodeName())
                .addAttributes(above.getAttributes())
                .addChildren(children.values())
                .create();
    }
}
