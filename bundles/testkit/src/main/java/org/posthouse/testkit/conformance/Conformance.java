// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.Executable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.testkit.server.Await;

/**
 * What every plugin must do whatever its policy is, as tests of its packed jar.
 *
 * <p>In a plugin's module: {@code @TestFactory Stream<DynamicTest> conforms() { return Conformance.of(files).tests(); }},
 * run after the phase package. Each test has a framework of its own with all services of the API. The plugin is configured as
 * its README shows under Example.
 */
public final class Conformance {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final long ENDS_MILLIS = 2000;
    private static final long PATIENCE_MILLIS = 1000;
    private static final List<String> MAY_IMPORT =
            List.of("org.posthouse.api", "org.slf4j", "io.micrometer", "org.osgi.service.component");

    private final PluginFiles files;

    private Conformance(PluginFiles files) {
        this.files = files;
    }

    /** The tests of this plugin. */
    public static Conformance of(PluginFiles files) {
        return new Conformance(files);
    }

    /** All tests, each by the sentence that it proves. */
    public Stream<DynamicTest> tests() {
        return Stream.of(
                test("exports nothing", this::exportsNothing),
                test("imports the API and the facades alone", this::importsTheApiAlone),
                test("is a plain bundle: no activator, no fragment, no dynamic import", this::isAPlainBundle),
                test("declares hooks that are components of the same plugin", this::declaresComponents),
                test("does not serve without a configuration", this::requiresConfiguration),
                test("has a README with the five headings", this::hasReadme),
                test("is shipped with a configuration that is accepted, and shows one", this::hasConfiguration),
                test("answers only what the stage knows and its declaration allows", this::answersLegally),
                test("gives the same verdicts when nothing it left is kept", this::worksReadOnly),
                test("ends soon after it is interrupted while DNS hangs", this::obeysItsBudget),
                test("accepts nothing when what it asks fails", this::failsClosed),
                test("serves two generations side by side", this::servesTwoGenerations),
                test("leaves nothing behind when it goes", this::leavesNothing));
    }

    /** The work of one test. */
    @FunctionalInterface
    private interface Visit {
        void with(Stay stay) throws Exception;
    }

    /** A plugin in a framework, for one test. */
    private record Stay(Felix felix, Kitchen kitchen, Guest guest, Papers papers) {
        List<Interview.Question> questions(String generation) throws IOException, BundleException {
            Map<String, Object> objects =
                    guest.serve(generation, papers.example().values());
            List<Interview.Question> questions = new ArrayList<>();
            for (Declaration declared : Declaration.of(guest.revision())) {
                Object hook = Objects.requireNonNull(objects.get(declared.type()), declared.type());
                questions.addAll(new Interview(declared, hook).questions());
            }
            return questions;
        }

        Map<String, Declaration> declarations() {
            return Declaration.of(guest.revision()).stream()
                    .collect(Collectors.toMap(Declaration::name, declared -> declared));
        }
    }

    private DynamicTest test(String sentence, Visit visit) {
        Executable work = () -> {
            Path scratch = Files.createTempDirectory("conformance");
            try (Felix felix = new Felix(scratch.resolve("felix"))) {
                Kitchen kitchen = new Kitchen(felix.context());
                Guest guest = new Guest(felix.context(), files.jar(), "guest");
                visit.with(new Stay(felix, kitchen, guest, new Papers(guest.name(), files, scratch)));
            } finally {
                delete(scratch);
            }
        };
        return DynamicTest.dynamicTest(sentence, work);
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) throws IOException {
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private void exportsNothing(Stay stay) {
        List<Object> exported =
                stay.guest().revision().getDeclaredCapabilities(PackageNamespace.PACKAGE_NAMESPACE).stream()
                        .map(capability -> capability.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE))
                        .toList();
        assertEquals(List.of(), exported, "exported packages");
    }

    private void importsTheApiAlone(Stay stay) {
        List<String> strange =
                stay.guest().revision().getDeclaredRequirements(PackageNamespace.PACKAGE_NAMESPACE).stream()
                        .map(requirement -> requirement.getDirectives().getOrDefault("filter", ""))
                        .map(filter -> filter.replaceAll(".*osgi\\.wiring\\.package=([^)]*).*", "$1"))
                        .filter(name -> MAY_IMPORT.stream().noneMatch(name::startsWith) && !ofTheJdk(name))
                        .toList();
        assertEquals(List.of(), strange, "imported packages: libraries are embedded in the plugin's own jar");
    }

    private static boolean ofTheJdk(String name) {
        return ModuleLayer.boot().modules().stream()
                .anyMatch(module -> module.getName().startsWith("java.")
                        && module.getPackages().contains(name));
    }

    private void isAPlainBundle(Stay stay) {
        var headers = stay.guest().bundle().getHeaders("");
        for (String header : List.of(
                Constants.BUNDLE_ACTIVATOR,
                Constants.DYNAMICIMPORT_PACKAGE,
                Constants.FRAGMENT_HOST,
                Constants.REQUIRE_BUNDLE)) {
            assertNull(headers.get(header), header);
        }
        assertEquals(0, stay.guest().revision().getTypes() & BundleRevision.TYPE_FRAGMENT, "is a fragment");
    }

    private void declaresComponents(Stay stay) throws BundleException {
        Collection<ComponentDescriptionDTO> components = stay.guest().components();
        assertFalse(components.isEmpty(), "there is no component in the jar");
        List<String> wrong = new ArrayList<>();
        for (Declaration declared : Declaration.of(stay.guest().revision())) {
            boolean provides = components.stream()
                    .filter(component -> component.implementationClass.equals(declared.type()))
                    .flatMap(component -> Stream.of(component.serviceInterfaces))
                    .anyMatch(type -> type.startsWith("org.posthouse.api.hook."));
            if (!provides) {
                wrong.add("hook " + declared.name() + ": " + declared.type() + " is no component that provides a hook");
            }
        }
        List<String> types = Declaration.of(stay.guest().revision()).stream()
                .map(Declaration::type)
                .toList();
        components.stream()
                .filter(component -> isHook(component) && !types.contains(component.implementationClass))
                .forEach(component -> wrong.add(component.implementationClass + " has no @Hook"));
        assertEquals(List.of(), wrong);
    }

    /** Whether a component provides the interface of a stage. */
    private static boolean isHook(ComponentDescriptionDTO component) {
        return Stream.of(component.serviceInterfaces)
                .anyMatch(type -> type.matches("org\\.posthouse\\.api\\.hook\\.(\\w+Hook|Authenticator)"));
    }

    private void requiresConfiguration(Stay stay) throws BundleException {
        List<String> wrong = new ArrayList<>();
        String plugin = stay.guest().name();
        for (ComponentDescriptionDTO component : stay.guest().components()) {
            boolean own = List.of(component.configurationPid).contains(plugin);
            if (isHook(component) && !(own && component.configurationPolicy.equals("require"))) {
                wrong.add(component.implementationClass + " has policy " + component.configurationPolicy + " and PID "
                        + List.of(component.configurationPid) + " instead of require and " + plugin
                        + ": without its file it would serve with an empty policy");
            }
        }
        assertEquals(List.of(), wrong);
    }

    private void hasReadme(Stay stay) throws IOException {
        assertEquals(List.of(), stay.papers().missingHeadings(), files.readme() + " lacks headings");
    }

    private void hasConfiguration(Stay stay) throws IOException {
        assertEquals(List.of(), stay.papers().shipped().findings(), "shipped configuration");
        assertEquals(List.of(), stay.papers().example().findings(), "configuration under Example in the README");
    }

    private void answersLegally(Stay stay) throws Exception {
        Map<String, Declaration> declarations = stay.declarations();
        List<String> wrong = new ArrayList<>();
        for (Interview.Question question : stay.questions("g1")) {
            Answer answer = question.ask();
            Declaration declared = Objects.requireNonNull(declarations.get(hook(question)));
            if (answer.thrown() != null || !legal(question.stage(), answer.said(), declared)) {
                wrong.add(answer.toString());
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static String hook(Interview.Question question) {
        return question.text().substring(0, question.text().indexOf(" at "));
    }

    private static boolean legal(Stage stage, @Nullable Object said, Declaration declared) {
        return switch (said) {
            case null -> false;
            case Verdict.Accept accept ->
                stage == Stage.RCPT && declared.needs().contains(Need.ACCEPT);
            case Verdict.Reject reject -> stage != Stage.QUEUE;
            case Verdict.Disconnect disconnect -> stage != Stage.QUEUE;
            case Verdict.Discard discard -> stage == Stage.DATA || stage == Stage.QUEUE;
            case Verdict.Hold hold -> stage == Stage.DATA || stage == Stage.QUEUE;
            default -> true;
        };
    }

    /** In shadow mode nothing that a hook leaves is kept: neither its edits nor what it wrote into shared state. */
    private void worksReadOnly(Stay stay) throws Exception {
        List<String> first = answers(stay);
        stay.guest().leave();
        Guest again = new Guest(stay.felix().context(), files.jar(), "again");
        stay.kitchen().forget();
        assertEquals(first, answers(new Stay(stay.felix(), stay.kitchen(), again, stay.papers())));
    }

    private static List<String> answers(Stay stay) throws Exception {
        List<String> answers = new ArrayList<>();
        for (Interview.Question question : stay.questions("g1")) {
            Answer answer = question.ask();
            answers.add(answer.question() + ": " + (answer.thrown() == null ? answer.said() : answer.thrown()));
        }
        return answers;
    }

    private void obeysItsBudget(Stay stay) throws Exception {
        Map<String, Declaration> declarations = stay.declarations();
        List<Interview.Question> questions = stay.questions("g1");
        stay.kitchen().hanging();
        List<String> overdue = new ArrayList<>();
        for (Interview.Question question : questions) {
            long budget =
                    Objects.requireNonNull(declarations.get(hook(question))).timeoutMillis();
            Thread asked = Thread.ofVirtual().start(question::ask);
            // The server may be told a shorter budget than the declared one, so the kit need not wait for it.
            if (!asked.join(Duration.ofMillis(Math.min(budget, PATIENCE_MILLIS)))) {
                asked.interrupt();
                if (!asked.join(Duration.ofMillis(ENDS_MILLIS))) {
                    overdue.add(question.text() + " goes on after it was interrupted");
                    break;
                }
            }
        }
        assertEquals(List.of(), overdue);
    }

    private void failsClosed(Stay stay) throws Exception {
        List<Interview.Question> questions = stay.questions("g1");
        stay.kitchen().failing();
        List<String> open = new ArrayList<>();
        for (Interview.Question question : questions) {
            int before = stay.kitchen().uses();
            Answer answer = question.ask();
            boolean accepts =
                    answer.said() instanceof Verdict.Accept || answer.said() instanceof Authenticator.Answer.Granted;
            if (accepts && stay.kitchen().uses() > before) {
                open.add(answer.toString());
            }
        }
        assertEquals(List.of(), open);
        stay.kitchen().healthy();
    }

    private void servesTwoGenerations(Stay stay) throws Exception {
        Map<String, Object> values = stay.papers().example().values();
        Map<String, Object> old = stay.guest().serve("g1", values);
        Map<String, Object> fresh = stay.guest().serve("g2", values);
        List<Declaration> hooks = Declaration.of(stay.guest().revision());
        for (Declaration declared : hooks) {
            assertNotSame(old.get(declared.type()), fresh.get(declared.type()), "one object for two generations");
        }
        stay.guest().retire("g1");
        List<String> wrong = new ArrayList<>();
        for (Declaration declared : hooks) {
            Object hook = Objects.requireNonNull(fresh.get(declared.type()));
            for (Interview.Question question : new Interview(declared, hook).questions()) {
                Answer answer = question.ask();
                if (answer.thrown() != null) {
                    wrong.add("after the other generation went: " + answer);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    private void leavesNothing(Stay stay) throws Exception {
        List<String> classes = classes();
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        AtomicReference<@Nullable WeakReference<ClassLoader>> loader = new AtomicReference<>();
        // On a thread of its own, so that no frame of this one keeps an object of the plugin.
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        Thread visit = Thread.ofPlatform().start(() -> {
            try {
                visit(stay, loader);
            } catch (Exception e) {
                failure.set(e);
            }
        });
        visit.join();
        if (failure.get() != null) {
            throw Objects.requireNonNull(failure.get());
        }
        assertEquals(List.of(), stay.kitchen().jobs().names(), "jobs whose handles are open");
        Await.until(
                () -> "no thread to run its code: " + threads(classes, before),
                SOON,
                () -> threads(classes, before).isEmpty());
        WeakReference<ClassLoader> weak = Objects.requireNonNull(loader.get());
        Await.until(
                "its class loader to be collected: a thread, a static field of another bundle, a meter or a listener"
                        + " holds it",
                SOON,
                () -> {
                    System.gc();
                    return weak.refersTo(null);
                });
    }

    private static void visit(Stay stay, AtomicReference<@Nullable WeakReference<ClassLoader>> loader)
            throws Exception {
        for (Interview.Question question : stay.questions("g1")) {
            question.ask();
        }
        Bundle bundle = stay.guest().bundle();
        loader.set(new WeakReference<>(bundle.adapt(BundleWiring.class).getClassLoader()));
        stay.guest().leave();
    }

    private List<String> classes() {
        try (JarFile jar = new JarFile(files.jar().toFile())) {
            return jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.endsWith(".class"))
                    .map(name -> name.substring(0, name.length() - 6).replace('/', '.'))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> threads(List<String> classes, Set<Thread> before) {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(entry -> !before.contains(entry.getKey()))
                .filter(entry -> Stream.of(entry.getValue()).anyMatch(frame -> classes.contains(frame.getClassName())))
                .map(entry -> entry.getKey().getName())
                .toList();
    }
}
