// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Rewrites the parts a survey found so that no octet above 127 is left (RFC 6152 3, RFC 2045 6). */
final class EightBitEncoder implements PartVisitor {
    private static final String FIELD = "Content-Transfer-Encoding";

    private final EightBitSurvey survey;
    private final OctetSink out;
    private int part = -1;
    private @Nullable OctetSink encoder;

    EightBitEncoder(EightBitSurvey survey, OctetSink out) {
        this.survey = survey;
        this.out = out;
    }

    @Override
    public void header(byte[] block, int length, PartHeader header, boolean signed) throws IOException {
        part++;
        boolean container = header.multipart() || header.type().equals("message/rfc822");
        boolean labelled = header.encoding().equals("8bit") || header.encoding().equals("binary");
        if (survey.eightBit(part)) {
            encoder = header.text() ? new QuotedPrintable(out) : new Base64Lines(out);
            relabel(block, length, header.text() ? "quoted-printable" : "base64");
        } else if (labelled && container && !signed) {
            relabel(block, length, "7bit");
        } else {
            out.put(block, 0, length);
        }
    }

    private void relabel(byte[] block, int length, String encoding) throws IOException {
        String text = new String(block, 0, length, StandardCharsets.ISO_8859_1);
        StringBuilder changed = new StringBuilder(length + 40);
        int at = 0;
        while (at < text.length() && text.charAt(at) != '\r' && text.charAt(at) != '\n') {
            int end = PartHeader.fieldEnd(text, at);
            if (!text.regionMatches(true, at, FIELD, 0, FIELD.length())) {
                changed.append(text, at, end);
            }
            at = end;
        }
        changed.append(FIELD).append(": ").append(encoding).append("\r\n").append(text, at, text.length());
        byte[] octets = changed.toString().getBytes(StandardCharsets.ISO_8859_1);
        out.put(octets, 0, octets.length);
    }

    @Override
    public void leaf(byte[] octets, int length) throws IOException {
        OctetSink sink = encoder == null ? out : encoder;
        sink.put(octets, 0, length);
    }

    @Override
    public void leafEnd() throws IOException {
        if (encoder != null) {
            encoder.end();
            encoder = null;
        }
    }

    @Override
    public void between(byte[] octets, int length) throws IOException {
        out.put(octets, 0, length);
    }

    @Override
    public void lost() {
        throw new IllegalStateException("The survey went all the way");
    }
}
