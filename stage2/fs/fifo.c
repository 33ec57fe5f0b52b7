/*
 * FIFOs. The first open makes the pipe, and the node keeps it until the node goes; what was not
 * read is dropped when the last end closes (io/pipe.c).
 */
#include "fs/fifo.h"

#include "fs/vnode_file.h"
#include "io/pipe.h"

static int fifo_pipe(struct vnode *vnode, struct pipe **pipe)
{
	int err = 0;

	mutex_lock(&vnode->lock);
	if (!vnode->pipe)
		err = pipe_create(&vnode->pipe);
	*pipe = vnode->pipe;
	mutex_unlock(&vnode->lock);
	return err;
}

int fifo_open(struct file *file)
{
	struct pipe *pipe;
	int err = fifo_pipe(file->vnode, &pipe);

	if (!err)
		err = pipe_attach(pipe, file);
	if (!err)
		file->data = pipe;
	return err;
}

static void fifo_release(struct file *file)
{
	pipe_detach(file->data, file->flags);
	vnode_file_release(file);
}

const struct file_ops fifo_file_ops = {
	.read = pipe_file_read,
	.write = pipe_file_write,
	.poll = pipe_file_poll,
	.ioctl = pipe_file_ioctl,
	.stat = vnode_file_stat,
	.release = fifo_release,
};
