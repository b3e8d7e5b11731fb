// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.posthouse.config.spi.DescriptionParser;
import org.xml.sax.Attributes;

/**
 * One component as its description in the jar says (OSGi Compendium 112.4), read before any code of it runs.
 *
 * @param name the name of the component
 * @param implementation the name of its class
 * @param interfaces the names of the services it provides
 * @param requiresConfiguration whether it does not exist without a configuration
 * @param pids the names of its configuration; empty when it declares none
 * @param ranking its service ranking
 */
record ComponentFile(
        String name,
        String implementation,
        List<String> interfaces,
        boolean requiresConfiguration,
        List<String> pids,
        int ranking) {
    ComponentFile {
        interfaces = List.copyOf(interfaces);
        pids = List.copyOf(pids);
    }

    static ComponentFile read(InputStream in) throws IOException {
        Reading reading = new Reading();
        try {
            DescriptionParser.parse(in, reading);
        } catch (IOException | NumberFormatException e) {
            throw new IOException("component description can not be read: " + e.getMessage(), e);
        }
        return reading.done();
    }

    /** What was read so far. */
    private static final class Reading extends DescriptionParser.Handler {
        private final List<String> interfaces = new ArrayList<>();
        private String name = "";
        private String implementation = "";
        private boolean required;
        private List<String> pids = List.of();
        private int ranking;

        @Override
        public void startElement(String space, String element, String qualified, Attributes xml) {
            switch (element) {
                case "component" -> {
                    name = attribute(xml, "name");
                    required = attribute(xml, "configuration-policy").equals("require");
                    String pid = xml.getValue("", "configuration-pid");
                    pids = pid == null ? List.of() : List.of(pid.strip().split("\\s+"));
                }
                case "implementation" -> implementation = attribute(xml, "class");
                case "provide" -> interfaces.add(attribute(xml, "interface"));
                case "property" -> {
                    if (attribute(xml, "name").equals("service.ranking")) {
                        ranking = Integer.parseInt(attribute(xml, "value"));
                    }
                }
                default -> {
                    // References and properties of its own say nothing about what it provides.
                }
            }
        }

        private static String attribute(Attributes xml, String name) {
            String value = xml.getValue("", name);
            return value == null ? "" : value;
        }

        ComponentFile done() {
            return new ComponentFile(
                    name.isEmpty() ? implementation : name, implementation, interfaces, required, pids, ranking);
        }
    }
}
