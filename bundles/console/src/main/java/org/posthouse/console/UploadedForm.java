// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.commons.fileupload.FileItemIterator;
import org.apache.commons.fileupload.FileItemStream;
import org.apache.commons.fileupload.FileUpload;
import org.apache.commons.fileupload.FileUploadException;
import org.apache.commons.fileupload.UploadContext;
import org.posthouse.admin.spi.Uploads;
import org.posthouse.admin.spi.Uploads.TooMuchException;

/**
 * A form with a file (RFC 7578), read as a stream: the word of the session comes first, and without it nothing of the file
 * is read.
 */
final class UploadedForm {
    private static final int LONGEST_WORD = 200;

    private UploadedForm() {}

    static boolean is(HttpServletRequest request) {
        String type = request.getContentType();
        return type != null && type.regionMatches(true, 0, "multipart/form-data", 0, "multipart/form-data".length());
    }

    /** What came of it: the id of the upload, or why there is none. */
    record Taken(boolean trusted, String upload, String refusal) {}

    static Taken take(HttpServletRequest request, Uploads uploads) throws IOException {
        try {
            FileItemIterator parts = new FileUpload().getItemIterator(new Body(request));
            if (!parts.hasNext() || !valid(request, parts.next())) {
                return new Taken(false, "", "");
            }
            while (parts.hasNext()) {
                FileItemStream part = parts.next();
                if (!part.isFormField()) {
                    return file(part, uploads);
                }
            }
            return new Taken(true, "", "No file was chosen.");
        } catch (FileUploadException malformed) {
            return new Taken(false, "", "");
        }
    }

    private static boolean valid(HttpServletRequest request, FileItemStream part) throws IOException {
        if (!part.isFormField() || !Csrf.PARAMETER.equals(part.getFieldName())) {
            return false;
        }
        try (InputStream content = part.openStream()) {
            String word = new String(content.readNBytes(LONGEST_WORD), StandardCharsets.UTF_8);
            return Csrf.valid(request, word);
        }
    }

    private static Taken file(FileItemStream part, Uploads uploads) throws IOException {
        try (InputStream content = part.openStream()) {
            Uploads.Upload upload = uploads.take(content);
            if (upload.octets() == 0) {
                uploads.drop(upload.id());
                return new Taken(true, "", "No file was chosen.");
            }
            return new Taken(true, upload.id(), "");
        } catch (TooMuchException e) {
            return new Taken(true, "", e.getMessage() + ".");
        }
    }

    /** The body of a request, as the parser wants it. */
    private record Body(HttpServletRequest request) implements UploadContext {
        @Override
        public String getCharacterEncoding() {
            return StandardCharsets.UTF_8.name();
        }

        @Override
        public String getContentType() {
            return request.getContentType();
        }

        @Override
        @Deprecated
        public int getContentLength() {
            return request.getContentLength();
        }

        @Override
        public long contentLength() {
            return request.getContentLengthLong();
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return request.getInputStream();
        }
    }
}
