// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * What the classes of a jar, and of the jars inside it, use of the machine. It sees what is called by name; what is called
 * by reflection it can not see, which is why reflection is told too. No sandbox: it shows, and keeps nobody from anything.
 */
final class ByteCode extends ClassVisitor {
    /** So many classes are named for each use; the rest is a number. */
    static final int MOST_NAMED = 20;

    private static final int DEEPEST = 3;
    private static final String UNREADABLE = "unreadable";

    /** Types by their internal names; what ends with a slash is a package. */
    private static final Map<String, String> TYPES = new LinkedHashMap<>();

    /** Methods of types that are harmless else, by the start of {@code owner.name} with the descriptor. */
    private static final Map<String, String> METHODS = new LinkedHashMap<>();

    static {
        for (String type : List.of(
                "java/net/http/",
                "java/net/Socket",
                "java/net/ServerSocket",
                "java/net/DatagramSocket",
                "java/net/MulticastSocket",
                "java/net/URLConnection",
                "java/net/HttpURLConnection",
                "java/net/JarURLConnection",
                "java/nio/channels/SocketChannel",
                "java/nio/channels/ServerSocketChannel",
                "java/nio/channels/DatagramChannel",
                "java/nio/channels/AsynchronousSocketChannel",
                "java/nio/channels/AsynchronousServerSocketChannel",
                "javax/net/",
                "javax/naming/",
                "javax/management/remote/",
                "java/rmi/",
                "com/sun/net/httpserver/",
                "io/netty/channel/",
                "org/apache/hc/",
                "org/apache/http/",
                "okhttp3/")) {
            TYPES.put(type, "network");
        }
        for (String type : List.of(
                "java/io/File",
                "java/io/FileInputStream",
                "java/io/FileOutputStream",
                "java/io/FileReader",
                "java/io/FileWriter",
                "java/io/RandomAccessFile",
                "java/nio/file/Files",
                "java/nio/file/FileSystem",
                "java/nio/file/FileSystems",
                "java/nio/channels/FileChannel",
                "java/nio/channels/AsynchronousFileChannel",
                "java/util/zip/ZipFile",
                "java/util/jar/JarFile")) {
            TYPES.put(type, "files");
        }
        TYPES.put("java/lang/ProcessBuilder", "processes");
        TYPES.put("sun/misc/Unsafe", "reflection");
        TYPES.put("jdk/internal/misc/Unsafe", "reflection");
        TYPES.put("java/lang/foreign/", "native");
        METHODS.put("java/net/URL.openStream", "network");
        METHODS.put("java/net/URL.openConnection", "network");
        METHODS.put("java/net/URL.getContent", "network");
        METHODS.put("java/net/InetAddress.getByName", "network");
        METHODS.put("java/net/InetAddress.getAllByName", "network");
        METHODS.put("java/net/InetAddress.isReachable", "network");
        METHODS.put("java/io/PrintStream.<init>(Ljava/lang/String;", "files");
        METHODS.put("java/io/PrintWriter.<init>(Ljava/lang/String;", "files");
        METHODS.put("java/util/Formatter.<init>(Ljava/lang/String;)", "files");
        METHODS.put("java/lang/Runtime.exec", "processes");
        METHODS.put("java/lang/ProcessHandle.destroy", "processes");
        METHODS.put("java/lang/Runtime.exit", "exit");
        METHODS.put("java/lang/Runtime.halt", "exit");
        METHODS.put("java/lang/System.exit", "exit");
        METHODS.put("java/lang/Runtime.load", "native");
        METHODS.put("java/lang/System.load", "native");
        METHODS.put("java/lang/invoke/MethodHandles.privateLookupIn", "reflection");
    }

    private final Map<String, Set<String>> uses;
    private String name = "";

    private ByteCode(Map<String, Set<String>> uses) {
        super(Opcodes.ASM9);
        this.uses = uses;
    }

    /**
     * Scans a jar; nothing of it runs.
     *
     * @return the classes by what they use: {@code network}, {@code files}, {@code processes}, {@code exit}, {@code
     *     reflection}, {@code native}; {@code unreadable} for classes that can not be read
     */
    static Map<String, List<String>> uses(byte[] jar) throws IOException {
        Map<String, Set<String>> found = new TreeMap<>();
        scan(new ByteArrayInputStream(jar), "", found, 0);
        Map<String, List<String>> named = new TreeMap<>();
        found.forEach((use, classes) -> named.put(use, named(classes)));
        return named;
    }

    private static List<String> named(Set<String> classes) {
        List<String> first = new ArrayList<>(classes.stream().limit(MOST_NAMED).toList());
        if (classes.size() > MOST_NAMED) {
            first.add("and " + (classes.size() - MOST_NAMED) + " more");
        }
        return first;
    }

    private static void scan(InputStream jar, String inside, Map<String, Set<String>> found, int depth)
            throws IOException {
        ZipInputStream zip = new ZipInputStream(jar); // Closed by whoever opened what is under it.
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            String path = entry.getName();
            if (path.endsWith(".class")) {
                read(zip.readAllBytes(), inside + path, found);
            } else if (path.endsWith(".jar") && depth < DEEPEST) {
                nested(zip.readAllBytes(), inside + path, found, depth + 1);
            }
        }
    }

    private static void nested(byte[] octets, String path, Map<String, Set<String>> found, int depth) {
        try {
            scan(new ByteArrayInputStream(octets), path + "!/", found, depth);
        } catch (IOException e) {
            found.computeIfAbsent(UNREADABLE, use -> new TreeSet<>()).add(path);
        }
    }

    private static void read(byte[] octets, String path, Map<String, Set<String>> found) {
        try {
            new ClassReader(octets).accept(new ByteCode(found), ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            found.computeIfAbsent(UNREADABLE, use -> new TreeSet<>()).add(path);
        }
    }

    @Override
    public void visit(
            int version,
            int access,
            String type,
            @Nullable String signature,
            @Nullable String parent,
            String @Nullable [] interfaces) {
        name = type.replace('/', '.');
        if (parent != null) {
            type(parent);
        }
    }

    @Override
    public @Nullable FieldVisitor visitField(
            int access, String field, String descriptor, @Nullable String signature, @Nullable Object value) {
        type(Type.getType(descriptor));
        return null;
    }

    @Override
    public MethodVisitor visitMethod(
            int access, String method, String descriptor, @Nullable String signature, String @Nullable [] exceptions) {
        if ((access & Opcodes.ACC_NATIVE) != 0) {
            use("native");
        }
        return new Calls();
    }

    private void use(String what) {
        uses.computeIfAbsent(what, use -> new TreeSet<>()).add(name);
    }

    private void type(Type type) {
        Type of = type.getSort() == Type.ARRAY ? type.getElementType() : type;
        if (of.getSort() == Type.OBJECT) {
            type(of.getInternalName());
        }
    }

    private void type(String type) {
        TYPES.forEach((start, what) -> {
            if (start.endsWith("/") ? type.startsWith(start) : type.equals(start)) {
                use(what);
            }
        });
    }

    private void call(String owner, String method, String descriptor) {
        type(owner);
        if (method.equals("setAccessible") || method.equals("trySetAccessible")) {
            use("reflection");
        }
        String whole = owner + "." + method + descriptor;
        METHODS.forEach((start, what) -> {
            if (whole.startsWith(start)) {
                use(what);
            }
        });
        // A type that is only handed through, such as a Path, says nothing; what makes one of these does.
        type(Type.getReturnType(descriptor));
    }

    /** The calls of one method. */
    private final class Calls extends MethodVisitor {
        Calls() {
            super(Opcodes.ASM9);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String method, String descriptor, boolean ofInterface) {
            call(owner, method, descriptor);
        }

        @Override
        public void visitTypeInsn(int opcode, String type) {
            type(Type.getObjectType(type));
        }

        @Override
        public void visitFieldInsn(int opcode, String owner, String field, String descriptor) {
            type(owner);
        }

        @Override
        public void visitLdcInsn(Object value) {
            if (value instanceof Type type) {
                type(type);
            } else if (value instanceof Handle handle) {
                call(handle.getOwner(), handle.getName(), handle.getDesc());
            }
        }

        @Override
        public void visitInvokeDynamicInsn(String method, String descriptor, Handle bootstrap, Object... arguments) {
            for (Object argument : arguments) {
                if (argument instanceof Handle handle) {
                    call(handle.getOwner(), handle.getName(), handle.getDesc());
                }
            }
        }
    }
}
