// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** Reads metatype XML (OSGi Compendium chapter 105), the same for jars on disk and bundles in the framework. */
public final class Metatype {
    /** The folder of the XML files in a bundle. */
    public static final String FOLDER = "OSGI-INF/metatype";

    private static final String UNIT_NAMESPACE = "http://posthouse.org/xmlns/metatype/v1.0.0";

    /** Making one costs more than reading a file with it, and a start reads a hundred files. Guarded by the class. */
    private static final DocumentBuilder BUILDER = builder();

    private Metatype() {}

    /**
     * The definitions of one file.
     *
     * @param ours whether the bundle is part of Posthouse
     */
    public static List<Ocd> parse(InputStream xml, boolean ours) throws IOException {
        Element root = document(xml);
        Map<String, Element> classes = new LinkedHashMap<>();
        for (Element ocd : children(root, "OCD")) {
            classes.put(ocd.getAttribute("id"), ocd);
        }
        List<Ocd> found = new ArrayList<>();
        for (Element designate : children(root, "Designate")) {
            String factoryPid = designate.getAttribute("factoryPid");
            String pid = factoryPid.isEmpty() ? designate.getAttribute("pid") : factoryPid;
            for (Element object : children(designate, "Object")) {
                Element ocd = classes.get(object.getAttribute("ocdref"));
                if (ocd != null && !pid.isEmpty()) {
                    found.add(ocd(pid, !factoryPid.isEmpty(), ours, ocd));
                }
            }
        }
        return found;
    }

    private static synchronized Element document(InputStream xml) throws IOException {
        try {
            return BUILDER.parse(xml).getDocumentElement();
        } catch (SAXException e) {
            throw new IOException("Not a metatype file: " + e.getMessage(), e);
        }
    }

    private static DocumentBuilder builder() {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
            factory.setNamespaceAware(true);
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            // A bundle's XML must not make us fetch or read anything else.
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setXIncludeAware(false);
            factory.setExpandEntityReferences(false);
            DocumentBuilder builder = factory.newDocumentBuilder();
            // The default handler prints to System.err before it throws.
            builder.setErrorHandler(new DefaultHandler());
            return builder;
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("the platform's XML parser knows these features", e);
        }
    }

    private static Ocd ocd(String pid, boolean factory, boolean ours, Element ocd) {
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        for (Element ad : children(ocd, "AD")) {
            Attribute attribute = attribute(ad);
            attributes.put(attribute.key(), attribute);
        }
        return new Ocd(pid, factory, ours, ocd.getAttribute("name"), ocd.getAttribute("description"), attributes);
    }

    private static Attribute attribute(Element ad) {
        int cardinality = ad.hasAttribute("cardinality") ? Integer.parseInt(ad.getAttribute("cardinality")) : 0;
        Map<String, String> options = new LinkedHashMap<>();
        for (Element option : children(ad, "Option")) {
            options.put(option.getAttribute("value"), option.getAttribute("label"));
        }
        String unit = ad.getAttributeNS(UNIT_NAMESPACE, "unit");
        return new Attribute(
                ad.getAttribute("id"),
                ad.getAttribute("type"),
                cardinality,
                ad.hasAttribute("default") ? defaults(ad.getAttribute("default"), cardinality) : null,
                !"false".equals(ad.getAttribute("required")),
                optional(ad, "min"),
                optional(ad, "max"),
                options,
                unit.isEmpty() ? null : unit,
                ad.getAttribute("description"));
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

    private static @Nullable String optional(Element element, String name) {
        return element.hasAttribute(name) ? element.getAttribute(name) : null;
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && name.equals(element.getLocalName())) {
                found.add(element);
            }
        }
        return found;
    }
}
