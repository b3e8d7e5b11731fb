// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.posthouse.config.spi.DescriptionParser;
import org.xml.sax.Attributes;
import org.xml.sax.helpers.AttributesImpl;

/** Reads metatype XML (OSGi Compendium chapter 105), the same for jars on disk and bundles in the framework. */
public final class Metatype {
    /** The folder of the XML files in a bundle. */
    public static final String FOLDER = "OSGI-INF/metatype";

    private static final String UNIT_NAMESPACE = "http://posthouse.org/xmlns/metatype/v1.0.0";

    private Metatype() {}

    /**
     * The definitions of one file.
     *
     * @param ours whether the bundle is part of Posthouse
     */
    public static List<Ocd> parse(InputStream xml, boolean ours) throws IOException {
        Reading reading = new Reading();
        try {
            DescriptionParser.parse(xml, reading);
        } catch (IOException e) {
            throw new IOException("Not a metatype file: " + e.getMessage(), e);
        }
        List<Ocd> found = new ArrayList<>();
        for (Designate designate : reading.designates) {
            Draft draft = reading.classes.get(designate.ocd());
            if (draft != null) {
                found.add(draft.ocd(designate, ours));
            }
        }
        return found;
    }

    /** Which definition is meant by a PID. */
    private record Designate(String pid, boolean factory, String ocd) {}

    /** A key as it stands in the file, which nobody has understood yet. */
    private record Key(Attributes xml, Map<String, String> options) {}

    /** A definition while it is read. */
    private record Draft(String name, String description, List<Key> keys) {
        Ocd ocd(Designate designate, boolean ours) {
            Map<String, Attribute> attributes = new LinkedHashMap<>();
            for (Key key : keys) {
                Attribute attribute = attribute(key.xml(), key.options());
                attributes.put(attribute.key(), attribute);
            }
            return new Ocd(designate.pid(), designate.factory(), ours, name, description, attributes);
        }
    }

    /** Collects what is told in the order of the file: a designate may stand before what it refers to. */
    private static final class Reading extends DescriptionParser.Handler {
        final Map<String, Draft> classes = new LinkedHashMap<>();
        final List<Designate> designates = new ArrayList<>();
        private Draft draft = nobodys();
        private Attributes ad = new AttributesImpl();
        private Map<String, String> options = new LinkedHashMap<>();
        private String pid = "";
        private boolean factory;

        @Override
        public void startElement(String space, String name, String qualified, Attributes xml) {
            switch (name) {
                case "OCD" -> {
                    draft = new Draft(text(xml, "name"), text(xml, "description"), new ArrayList<>());
                    classes.put(text(xml, "id"), draft);
                }
                case "AD" -> {
                    // The parser uses the object that it gives away again.
                    ad = new AttributesImpl(xml);
                    options = new LinkedHashMap<>();
                }
                case "Option" -> options.put(text(xml, "value"), text(xml, "label"));
                case "Designate" -> {
                    factory = !text(xml, "factoryPid").isEmpty();
                    pid = text(xml, factory ? "factoryPid" : "pid");
                }
                case "Object" -> {
                    if (!pid.isEmpty()) {
                        designates.add(new Designate(pid, factory, text(xml, "ocdref")));
                    }
                }
                default -> {
                    // Icons and values say nothing about keys.
                }
            }
        }

        @Override
        public void endElement(String space, String name, String qualified) {
            if (name.equals("AD")) {
                draft.keys().add(new Key(ad, options));
            } else if (name.equals("OCD")) {
                draft = nobodys();
            }
        }

        /** For what stands where nothing refers to it. */
        private static Draft nobodys() {
            return new Draft("", "", new ArrayList<>());
        }
    }

    private static Attribute attribute(Attributes ad, Map<String, String> options) {
        String many = ad.getValue("", "cardinality");
        int cardinality = many == null ? 0 : Integer.parseInt(many);
        String defaults = ad.getValue("", "default");
        String unit = ad.getValue(UNIT_NAMESPACE, "unit");
        return new Attribute(
                text(ad, "id"),
                text(ad, "type"),
                cardinality,
                defaults == null ? null : defaults(defaults, cardinality),
                !"false".equals(ad.getValue("", "required")),
                ad.getValue("", "min"),
                ad.getValue("", "max"),
                options,
                unit == null || unit.isEmpty() ? null : unit,
                text(ad, "description"));
    }

    private static String text(Attributes xml, String name) {
        String value = xml.getValue("", name);
        return value == null ? "" : value;
    }

    /** Splits at commas that are not escaped (105.8.2); a single value keeps its commas. */
    private static List<String> defaults(String text, int cardinality) {
        List<String> values = new ArrayList<>();
        StringBuilder value = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                value.append(text.charAt(++i));
            } else if (c == ',' && cardinality != 0) {
                values.add(value.toString().strip());
                value.setLength(0);
            } else {
                value.append(c);
            }
        }
        if (cardinality == 0 || !value.isEmpty() || !values.isEmpty()) {
            values.add(value.toString().strip());
        }
        return List.copyOf(values);
    }
}
