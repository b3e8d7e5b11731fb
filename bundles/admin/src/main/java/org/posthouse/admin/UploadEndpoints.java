// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.posthouse.admin.spi.Uploads;
import org.posthouse.admin.spi.Uploads.TooMuchException;
import org.posthouse.admin.spi.Uploads.Upload;

/** Files that are sent, to be used by a later request. */
final class UploadEndpoints {
    private final Services services;

    UploadEndpoints(Services services) {
        this.services = services;
    }

    Response take(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(take(request));
    }

    Response drop(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        Json.read(request, Api.Nothing.class);
        String id = arguments.getFirst();
        file(id);
        services.uploads().drop(id);
        return Json.ok(new View.Done(id, "dropped"));
    }

    /** Keeps the body of a request. */
    Upload take(Request request) throws Problem {
        if (!Request.is(Request.FILE, request.contentType())) {
            throw Problem.notAFile();
        }
        try {
            return services.uploads().take(request.file());
        } catch (TooMuchException e) {
            throw Problem.tooLarge(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw Problem.unavailable("The file was not received: " + e.getMessage());
        }
    }

    Path file(String id) throws Problem {
        return services.uploads()
                .file(id)
                .orElseThrow(() -> Problem.notFound("There is no upload " + id + " (any more)"));
    }

    void forget(String id) throws Problem {
        Uploads uploads = services.uploads();
        uploads.drop(id);
    }
}
