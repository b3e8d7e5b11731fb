// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

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
    private static final XMLInputFactory FACTORY = XMLInputFactory.newInstance();

    static {
        FACTORY.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        FACTORY.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    }

    ComponentFile {
        interfaces = List.copyOf(interfaces);
        pids = List.copyOf(pids);
    }

    static ComponentFile read(InputStream in) throws IOException {
        Reading reading = new Reading();
        try {
            XMLStreamReader xml = FACTORY.createXMLStreamReader(in);
            while (xml.hasNext()) {
                if (xml.next() == XMLStreamConstants.START_ELEMENT) {
                    reading.element(xml);
                }
            }
        } catch (XMLStreamException | NumberFormatException e) {
            throw new IOException("component description can not be read: " + e.getMessage(), e);
        }
        return reading.done();
    }

    /** What was read so far. */
    private static final class Reading {
        private final List<String> interfaces = new ArrayList<>();
        private String name = "";
        private String implementation = "";
        private boolean required;
        private List<String> pids = List.of();
        private int ranking;

        void element(XMLStreamReader xml) {
            switch (xml.getLocalName()) {
                case "component" -> {
                    name = attribute(xml, "name");
                    required = "require".equals(xml.getAttributeValue(null, "configuration-policy"));
                    String pid = xml.getAttributeValue(null, "configuration-pid");
                    pids = pid == null ? List.of() : List.of(pid.strip().split("\\s+"));
                }
                case "implementation" -> implementation = attribute(xml, "class");
                case "provide" -> interfaces.add(attribute(xml, "interface"));
                case "property" -> {
                    if (attribute(xml, "name").equals("service.ranking")) {
                        ranking = Integer.parseInt(attribute(xml, "value"));
                    }
                }
                default -> {}
            }
        }

        private static String attribute(XMLStreamReader xml, String name) {
            String value = xml.getAttributeValue(null, name);
            return value == null ? "" : value;
        }

        ComponentFile done() {
            return new ComponentFile(
                    name.isEmpty() ? implementation : name, implementation, interfaces, required, pids, ranking);
        }
    }
}
