// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.posthouse.admin.spi.CommonConfig;
import org.posthouse.admin.spi.RefusedException;
import org.posthouse.api.Event;
import org.posthouse.config.spi.SharedFiles;
import org.posthouse.config.spi.SharedFiles.Change;
import org.posthouse.config.spi.SharedFiles.Open;
import org.posthouse.config.spi.SharedFiles.Standing;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Plugins.PluginException;

/** The configuration that is the same on all members: changes that this node leads, and its part in those of others. */
final class CommonConfigEndpoints {
    /** Room for the texts and what JSON adds to them. */
    private static final int BODY_LIMIT = 2 * SharedFiles.LARGEST;

    private final Services services;

    CommonConfigEndpoints(Services services) {
        this.services = services;
    }

    /** What a member does for who leads a change. */
    @FunctionalInterface
    private interface Part {
        List<String> run(SharedFiles files, String id) throws Problem;
    }

    Response show(Request request, List<String> arguments) throws Problem {
        Parameters query = Parameters.of(request, "node");
        CommonConfig common = services.commonConfig();
        return query.text("node").equals("self")
                ? Json.ok(Own.of(services.sharedFiles().standing()))
                : Json.ok(new Compared(common.compare().stream().map(Member::of).toList()));
    }

    Response apply(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        Change change = change(request);
        if (change.names().isEmpty()) {
            throw Problem.badRequest("There is no file to change");
        }
        try {
            CommonConfig.Applied applied = services.commonConfig().apply(change, request.peer());
            return Json.ok(new Applied(applied.id(), new TreeMap<>(applied.nodes())));
        } catch (RefusedException e) {
            throw Problem.refused(String.valueOf(e.getMessage()), e.findings());
        }
    }

    Response prepare(Request request, List<String> arguments) throws Problem {
        Change change = change(request);
        return part(request, arguments, "prepared", (files, id) -> files.prepare(id, request.peer(), change));
    }

    /** In force is it when the plugins concerned have taken it too, which is after the reload. */
    Response carryOut(Request request, List<String> arguments) throws Problem {
        return part(request, arguments, "applied", (files, id) -> {
            Set<String> before = troubles().keySet();
            List<String> findings = new ArrayList<>(files.apply(id));
            if (findings.isEmpty()) {
                Open open = files.standing().open();
                Set<String> names = open == null ? Set.of() : open.names();
                troubles().forEach((plugin, why) -> {
                    if (!before.contains(plugin) || names.contains("plugins/" + plugin + ".yaml")) {
                        findings.add("plugin " + plugin + ": " + why);
                    }
                });
                if (!findings.isEmpty()) {
                    findings.addAll(files.takeBack(id));
                    tell(open, "refused by a plugin and taken back: " + String.join("; ", findings));
                }
            }
            return findings;
        });
    }

    Response keep(Request request, List<String> arguments) throws Problem {
        return part(
                request,
                arguments,
                "kept",
                (files, id) -> ended(files, id, files.standing().open(), "in force", files.keep(id)));
    }

    Response takeBack(Request request, List<String> arguments) throws Problem {
        return part(
                request,
                arguments,
                "taken back",
                (files, id) -> ended(files, id, files.standing().open(), "taken back", files.takeBack(id)));
    }

    private List<String> ended(
            SharedFiles files, String id, @Nullable Open before, String result, List<String> findings) throws Problem {
        if (before != null && before.id().equals(id) && files.standing().open() == null) {
            tell(before, result);
        }
        return findings;
    }

    private void tell(@Nullable Open change, String result) throws Problem {
        if (change == null) {
            return;
        }
        services.events()
                .publish(Event.of(Event.Type.ADMIN)
                        .with("action", "common config")
                        .with("change", change.id())
                        .with("files", String.join(",", new TreeSet<>(change.names())))
                        .with("who", change.who())
                        .with("result", result)
                        .build());
    }

    private Map<String, String> troubles() throws Problem {
        Plugins plugins = services.plugins();
        try {
            return plugins.troubles();
        } catch (PluginException e) {
            throw Problem.unavailable(String.valueOf(e.getMessage()));
        }
    }

    private Response part(Request request, List<String> arguments, String done, Part part) throws Problem {
        Parameters.of(request);
        services.commonConfig();
        String id = arguments.getFirst();
        List<String> findings = part.run(services.sharedFiles(), id);
        if (!findings.isEmpty()) {
            throw Problem.refused("It was not " + done, findings);
        }
        return Json.ok(new View.Done(id, done));
    }

    private static Change change(Request request) throws Problem {
        Asked asked = Request.is(Request.FILE, request.contentType())
                ? Json.read(file(request), Asked.class)
                : Json.read(request, Asked.class);
        Map<String, String> files = new HashMap<>(asked.files() == null ? Map.of() : asked.files());
        Set<String> remove = new HashSet<>(asked.remove() == null ? List.of() : asked.remove());
        if (files.containsValue(null)
                || remove.contains(null)
                || remove.stream().anyMatch(files::containsKey)) {
            throw Problem.badRequest("A file has a text, or is removed");
        }
        return new Change(files, remove);
    }

    private static byte[] file(Request request) throws Problem {
        try {
            byte[] body = request.file().readNBytes(BODY_LIMIT + 1);
            if (body.length > BODY_LIMIT) {
                throw Problem.tooLarge("All files together may have " + SharedFiles.LARGEST + " characters at most");
            }
            return body;
        } catch (IOException e) {
            throw Problem.unavailable("The files were not received: " + e.getMessage());
        }
    }

    /** The files by their names, and the names of those that go. */
    record Asked(
            @Nullable Map<String, String> files, @Nullable List<String> remove) {}

    /** What became of a change, by node. */
    record Applied(String id, Map<String, String> nodes) {}

    /** All members. */
    record Compared(List<Member> members) {}

    /** A member, compared with this node. */
    record Member(String node, String state, String detail, Map<String, String> files) {
        static Member of(CommonConfig.Comparison member) {
            return new Member(member.node(), member.state(), member.detail(), new TreeMap<>(member.files()));
        }
    }

    /** The files of this node, and how far it is with changes. */
    record Own(
            Map<String, String> files,
            @Nullable Pending open,
            @Nullable Last last) {
        static Own of(Standing standing) {
            Open open = standing.open();
            SharedFiles.Ended last = standing.last();
            return new Own(
                    standing.files(),
                    open == null
                            ? null
                            : new Pending(
                                    open.id(),
                                    open.who(),
                                    open.since().toString(),
                                    List.copyOf(new TreeSet<>(open.names()))),
                    last == null ? null : new Last(last.id(), last.kept()));
        }
    }

    /** A change that is applied and neither stays nor was taken back yet. */
    record Pending(String id, String who, String since, List<String> names) {}

    /** A change that ended. */
    record Last(String id, boolean kept) {}
}
