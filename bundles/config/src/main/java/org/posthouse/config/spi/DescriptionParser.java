// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.spi;

import java.io.IOException;
import java.io.InputStream;
import javax.xml.XMLConstants;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParser;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Reads the XML by which a bundle describes itself, whoever made it: nothing else is read or fetched because of it. It is
 * the kind of parser that the framework uses as well, so that a start warms one and not several.
 */
public final class DescriptionParser {
    /** Making one costs more than reading a file with it, and a start reads a hundred files. Guarded by the class. */
    private static final SAXParser PARSER = parser();

    private DescriptionParser() {}

    /** Told of the elements of a description; their names come without a prefix. */
    public abstract static class Handler extends DefaultHandler {
        /** The default handler would print it as well. */
        @Override
        public final void fatalError(SAXParseException wrong) throws SAXParseException {
            throw wrong;
        }
    }

    /**
     * Reads one description.
     *
     * @throws IOException when it can not be read or is no well-formed XML; says where
     */
    public static synchronized void parse(InputStream xml, Handler handler) throws IOException {
        try {
            PARSER.parse(xml, handler);
        } catch (SAXParseException e) {
            throw new IOException("line " + e.getLineNumber() + ": " + e.getMessage(), e);
        } catch (SAXException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static SAXParser parser() {
        try {
            SAXParserFactory factory = SAXParserFactory.newDefaultNSInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newSAXParser();
        } catch (ParserConfigurationException | SAXException e) {
            throw new IllegalStateException("the platform's XML parser knows these features", e);
        }
    }
}
