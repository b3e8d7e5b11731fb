// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes the tables of the configuration reference from metatype into a document, between markers.
 *
 * <p>{@code java -cp bundles/config/target/classes org.posthouse.config.load.Reference docs/operations.md
 * bundles/&#42;/target/classes} rewrites the file; with {@code --check} in front it only compares and ends with 1 when
 * something differs.
 */
public final class Reference {
    private static final Pattern BLOCK =
            Pattern.compile("<!-- begin configuration (\\S+) -->\n.*?<!-- end configuration -->", Pattern.DOTALL);

    private Reference() {}

    /** Rewrites or checks a document. */
    public static void main(String[] args) throws IOException {
        boolean check = args.length > 0 && args[0].equals("--check");
        List<Path> paths = Arrays.stream(args).skip(check ? 1 : 0).map(Path::of).toList();
        if (paths.size() < 2) {
            System.err.println("usage: Reference [--check] DOCUMENT FOLDER...");
            System.exit(64);
        }
        Path document = paths.get(0);
        String old = Files.readString(document);
        String fresh = render(old, schema(paths.subList(1, paths.size())));
        if (check && !old.equals(fresh)) {
            System.err.println(document + " differs from what metatype says; docs/reference.sh writes it anew");
            System.exit(1);
        } else if (!old.equals(fresh)) {
            Files.writeString(document, fresh);
        }
    }

    /** The metatype below folders of classes; those that do not exist are passed over. */
    public static Schema schema(List<Path> folders) throws IOException {
        List<Ocd> found = new ArrayList<>();
        for (Path folder : folders) {
            Path metatype = folder.resolve(Metatype.FOLDER);
            if (Files.isDirectory(metatype)) {
                try (Stream<Path> files = Files.list(metatype)) {
                    for (Path file : files.sorted().toList()) {
                        try (InputStream xml = Files.newInputStream(file)) {
                            found.addAll(Metatype.parse(xml, true));
                        }
                    }
                }
            }
        }
        return new Schema(found);
    }

    /** The document with all blocks filled in, and one added at the place marked for new ones for each that lacks. */
    public static String render(String document, Schema schema) {
        TreeSet<String> missing = new TreeSet<>(schema.all().keySet());
        Matcher block = BLOCK.matcher(document);
        StringBuilder text = new StringBuilder();
        while (block.find()) {
            Ocd ocd = schema.find(block.group(1));
            missing.remove(block.group(1));
            block.appendReplacement(text, ocd == null ? "" : Matcher.quoteReplacement(block(ocd)));
        }
        block.appendTail(text);
        StringBuilder added = new StringBuilder();
        for (String pid : missing) {
            Ocd ocd = schema.find(pid);
            added.append(ocd == null ? "" : block(ocd) + "\n\n");
        }
        return text.toString().replace("<!-- new configuration -->", added + "<!-- new configuration -->");
    }

    private static String block(Ocd ocd) {
        StringBuilder text = new StringBuilder("<!-- begin configuration " + ocd.pid() + " -->\n");
        text.append("### `").append(ocd.pid()).append("`\n\n");
        if (!ocd.description().isEmpty()) {
            text.append(ocd.description()).append('\n');
        }
        if (ocd.factory()) {
            text.append("A map: each name below `").append(ocd.pid()).append("` has these keys.\n");
        }
        text.append("\n| key | takes | default | meaning |\n| --- | --- | --- | --- |\n");
        ocd.attributes().values().stream()
                .filter(attribute -> !attribute.internal())
                .forEach(attribute -> text.append(row(attribute)));
        return text.append("<!-- end configuration -->").toString();
    }

    private static String row(Attribute attribute) {
        String takes = Conversion.expected(attribute);
        return "| `" + attribute.key() + "` | " + cell(takes(attribute, takes)) + " | " + fallback(attribute) + " | "
                + cell(attribute.description()) + " |\n";
    }

    private static String takes(Attribute attribute, String one) {
        return attribute.named() ? "a map of names, each with " + one : attribute.many() ? "a list, each " + one : one;
    }

    private static String fallback(Attribute attribute) {
        List<String> defaults = attribute.defaults();
        if (attribute.many() && (defaults != null || !attribute.required())) {
            return "`[" + (defaults == null ? "" : String.join(", ", defaults)) + "]`";
        }
        if (defaults == null) {
            return attribute.required() ? "none, must be given" : "none";
        }
        String text = defaults.get(0);
        String shown = attribute.options().isEmpty() ? text : Conversion.readable(text);
        return shown.isEmpty() ? "empty" : "`" + cell(shown) + "`";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replaceAll("\\s+", " ");
    }
}
